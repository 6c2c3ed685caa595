import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { guardedDispatcher, objectionTo, type AddressRules } from './address-guard.ts';
import { exchange } from './http-exchange.ts';

const inner = [
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '10.96.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
];

test.each(inner)('an address in a message that leads to %s is not called', (address) => {
  expect(objectionTo(address, [])).toMatch(/^leads to /);
});

test.each(['93.184.215.14', '2606:2800:21f:cb07::1'])('%s is public', (address) => {
  expect(objectionTo(address, [])).toBeUndefined();
});

test('ranges that the configuration allows are called, and only these', () => {
  const ranges = ['10.20.0.0/16', 'fd12::/16'];
  expect(objectionTo('10.20.3.4', ranges)).toBeUndefined();
  expect(objectionTo('fd12::7', ranges)).toBeUndefined();
  expect(objectionTo('10.21.0.1', ranges)).toBeDefined();
  expect(objectionTo('::1', ranges)).toBeDefined();
});

let server: Server;
let port = 0;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    if (request.url === '/away') return response.writeHead(302, { location: '/' }).end();
    return response.end('secret');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.close();
});

const rules: AddressRules = { any: false, known: [], ranges: [] };

async function call(host: string, changed: Partial<AddressRules> = {}, path = '/') {
  const dispatcher = guardedDispatcher({ ...rules, ...changed }, 1_000);
  const url = `http://${host}:${String(port)}${path}`;
  try {
    return await exchange({ dispatcher, method: 'GET', url, timeoutMs: 2_000, maxBytes: 100 });
  } finally {
    await dispatcher.close();
  }
}

test.each([
  '127.0.0.1',
  '2130706433',
  '0x7f.1',
  '0',
  'localhost',
  '[::ffff:127.0.0.1]',
  'localhost.',
  'milan.fluidos.svc',
  'metadata.google.internal.',
  'milan',
])('http://%s, however it is written, does not reach the own machine', async (host) => {
  const before = asked;
  await expect(call(host)).rejects.toThrow(/allowedRanges/);
  expect(asked).toBe(before);
});

test('what the configuration names, or allows, is reached', async () => {
  expect(await call('127.0.0.1', { known: [`127.0.0.1:${String(port)}`] })).toMatchObject({ text: 'secret' });
  expect(await call('127.0.0.1', { ranges: ['127.0.0.0/8'] })).toMatchObject({ text: 'secret' });
  expect(await call('localhost', { any: true })).toMatchObject({ text: 'secret' });
  await expect(call('127.0.0.1', { known: ['127.0.0.1:1'] })).rejects.toThrow(/loopback/);
});

test('a redirect is an answer and not a way to another address', async () => {
  expect(await call('127.0.0.1', { ranges: ['127.0.0.0/8'] }, '/away')).toMatchObject({ status: 302 });
});
