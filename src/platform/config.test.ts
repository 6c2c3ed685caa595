import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'rearflow-config-'));
const file = join(folder, 'node.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string): ReturnType<typeof loadConfig> {
  writeFileSync(file, `node: { name: turin }\n${text}\n`);
  return loadConfig(file, {});
}

test.each([
  ['gatewy: { port: 1 }', 'gatewy: is no setting; did you mean gateway?'],
  ['gateway: { prot: 1 }', 'gateway.prot: is no setting; did you mean port?'],
  ['market: { policy: { cpuMinn: 1 } }', 'market.policy.cpuMinn: is no setting; did you mean cpuMin?'],
  ['market: { price: { amonut: 1 } }', 'market.price.amonut: is no setting; did you mean amount?'],
  ['market: { location: { town: Milan } }', 'market.location.town: is no setting; known here: latitude, longitude,'],
  ['market: { properties: { latncy: 1 } }', 'market.properties.latncy: is no setting; did you mean latency?'],
  [
    'market: { properties: { carbonFootprint: { embodid: 1 } } }',
    'market.properties.carbonFootprint.embodid: is no setting; did you mean embodied?',
  ],
])('a misspelled setting is named with what was meant: %s', (text, problem) => {
  expect(() => load(text)).toThrow(`${file}: ${problem}`);
});

test('a misspelled variable is named with what was meant; a stranger is left alone', () => {
  const misspelled = { REARFLOW_GATEWAY_PROT: '1' };
  expect(() => loadConfig(undefined, misspelled)).toThrow(
    'environment: REARFLOW_GATEWAY_PROT: is no setting; did you mean REARFLOW_GATEWAY_PORT?',
  );
  const strangers = { REARFLOW_NODE_NAME: 'turin', REARFLOW_SERVICE_HOST: '10.0.0.1', REARFLOW_STATE: '/tmp' };
  expect(loadConfig(undefined, strangers).config.node.name).toBe('turin');
});

test('what a seller adds to its properties is its own', () => {
  const { config } = load('market: { properties: { additionalProperties: { gold: true } } }');
  expect(config.market.properties).toEqual({ additionalProperties: { gold: true } });
});

test('the environment wins over the file, the file over the defaults', () => {
  writeFileSync(file, 'node: { name: turin }\ngateway: { port: 1, host: 127.0.0.2 }\n');
  const { config, sources } = loadConfig(file, { REARFLOW_GATEWAY_PORT: '2' });
  expect(config.gateway).toMatchObject({ port: 2, host: '127.0.0.2' });
  expect(sources).toMatchObject({ 'gateway.port': 'REARFLOW_GATEWAY_PORT', 'gateway.host': file });
});
