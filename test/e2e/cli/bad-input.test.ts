import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { bareEnvironment, rearflowIn, root, traces, type Ran } from './command.ts';

/*
 * What a user gets wrong: a line that says what is wrong, a line that says what to do, exit code 2 (1 when it is
 * somebody else's fault), no stack trace, nothing half-made. No servers are started but scripted ones.
 */

let home = '';
let server: Server;
let port = 0;

const secret = 'token-that-nobody-may-see';
const closed = '127.0.0.1:1';

/** Path → what the scripted server answers; a path that is missing is never answered. */
const nonsense: Readonly<Record<string, { status: number; type: string; body: string }>> = {
  html: { status: 200, type: 'text/html', body: '<html>Welcome to nginx</html>' },
  cut: { status: 200, type: 'application/json', body: '[{"flavorID": "a", ' },
  object: { status: 200, type: 'application/json', body: '{"flavors": []}' },
  strange: { status: 200, type: 'application/json', body: '[{"metadata": 7, "spec": "none"}, null, 3]' },
  broken: { status: 500, type: 'text/plain', body: 'panic: runtime error' },
};
let answer = nonsense['html'];

const kubeconfig = (address: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    clusters: [{ name: 'a', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    users: [{ name: 'a', user: { token: secret } }],
  });

function scripted(url: string): { status: number; type: string; body: string } | undefined {
  const [, first = ''] = url.split('/');
  // A cluster is asked below /401 or /403, a gateway anywhere else.
  if (first !== '401' && first !== '403') return answer;
  const message = first === '401' ? 'Unauthorized' : 'flavors is forbidden';
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: Number(first), message };
  return { status: Number(first), type: 'application/json', body: JSON.stringify(status) };
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'rearflow-bad-'));
  server = createServer((request, response) => {
    const found = scripted(request.url ?? '');
    if (found) response.writeHead(found.status, { 'content-type': found.type }).end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  const web = await readFile(join(root, 'examples', 'intents', 'web.yaml'), 'utf8');
  const files: Record<string, string> = {
    'web.yaml': web,
    'bad.json': '{"name": "web", "resources": {"cpu": 2,,}}',
    'bad.yaml': 'name: web\nresources:\n  cpu: 2\n memory: 4Gi\n',
    'empty.yaml': '',
    'unknown.yaml': web.replace('  cpu:', '  cpus:'),
    'negative.yaml': web.replace("cpu: '2'", "cpu: '-2'"),
    'many.yaml': web.replace('replicas: 2', 'replicas: 9'),
    'name.yaml': web.replace('name: web', 'name: My_Web'),
    'term.yaml': web.replace('term: 1h', 'term: 400d'),
    'port.yaml': 'node: { name: turin }\ngateway: { port: 99999 }\n',
    'policy.yaml': 'node: { name: turin }\nmarket: { policy: { cpuMinn: 1 } }\n',
    'typo.yaml': 'node: { name: turin }\ngatewy: { port: 1 }\n',
    'kubeconfig-closed': kubeconfig(`https://${closed}`),
    'kubeconfig-401': kubeconfig(`http://127.0.0.1:${String(port)}/401`),
    'kubeconfig-403': kubeconfig(`http://127.0.0.1:${String(port)}/403`),
    'kubeconfig-bad': `{{{ ${secret}`,
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(home, name), text)));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(home, { recursive: true, force: true });
});

const rearflow = (...args: string[]): Promise<Ran> => rearflowIn({ cwd: home, env: bareEnvironment(home) }, ...args);

/** Two lines at most three, no trace, no secret, and no state folder was made. */
async function expectRefused({ code, stdout, stderr }: Ran, expected: RegExp, exit = 2): Promise<void> {
  expect(stderr).toMatch(expected);
  expect(stderr).not.toMatch(traces);
  expect(stderr + stdout).not.toContain(secret);
  expect(stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  expect(stdout).toBe('');
  expect(code).toBe(exit);
  expect(await readdir(home)).not.toContain('state');
}

describe('one clear line, what to do next, exit code 2', () => {
  test.concurrent.each<[string, string[], RegExp]>([
    ['a missing file', ['submit', 'none.yaml'], /^none\.yaml: there is no such file\nName a YAML or JSON file/],
    ['a folder', ['submit', '.'], /^\.: it is a folder\n/],
    ['bad JSON', ['submit', 'bad.json'], /^bad\.json is no valid YAML or JSON: .* at line 1, column 40\nFix that line/],
    ['bad YAML', ['plan', 'bad.yaml'], /^bad\.yaml is no valid YAML or JSON: .* at line 4, column 1\n/],
    ['an empty file', ['submit', 'empty.yaml'], /^empty\.yaml: the intent must be an object, is null\n/],
    ['an unknown field', ['submit', 'unknown.yaml'], /resources\.cpus: is no field of an intent; did you mean cpu\?\n/],
    ['negative CPU', ['submit', 'negative.yaml'], /^negative\.yaml: resources\.cpu: must not be negative\nCorrect/],
    [
      'more replicas than fit',
      ['submit', 'many.yaml'],
      /^many\.yaml: resources\.cpu: is 2, but the workload's 9 pods need 4500m\nAsk/,
    ],
    ['a bad name', ['submit', 'name.yaml'], /^name\.yaml: name: must be a DNS label/],
    ['a term that is too long', ['submit', 'term.yaml'], /^term\.yaml: term: must be between 1s and 30d\n/],
    ['a port that cannot be', ['gateway', '--config', 'port.yaml'], /^port\.yaml: gateway\.port: .*65535\nCorrect/],
    [
      'an unknown setting',
      ['config', '--config', 'typo.yaml'],
      /^typo\.yaml: gatewy: is no setting; did you mean gateway\?\nCorrect/,
    ],
    [
      'an unknown setting of the policy',
      ['config', '--config', 'policy.yaml'],
      /^policy\.yaml: market\.policy\.cpuMinn: is no setting; did you mean cpuMin\?\nCorrect/,
    ],
    [
      'a missing configuration',
      ['node', '--config', 'none.yaml'],
      /^none\.yaml: there is no such file\nName the right/,
    ],
    ['no configuration', ['node'], /^no configuration is named.*\nName a file with --config/],
    ['no stack', ['flavors'], /^no cluster is known.*\nStart one with `rearflow stack up`/],
    ['nobody to ask', ['plan', 'web.yaml'], /^there is nobody to ask for offers\nStart a stack/],
    [
      'no Temporal',
      ['submit', 'web.yaml', '--address', closed],
      /^Temporal does not answer at 127\.0\.0\.1:1\nStart it/,
    ],
    ['no cluster', ['flavors', '--kubeconfig', 'kubeconfig-closed'], /^\S*127\.0\.0\.1:1\S* .*\nCheck the kubeconfig/],
    ['an expired kubeconfig', ['flavors', '--kubeconfig', 'kubeconfig-401'], /refuses \(401\).*\n.*have expired; get/],
    ['a user without rights', ['peers', '--kubeconfig', 'kubeconfig-403'], /refuses \(403\).*\nThe user of the/],
    ['no kubeconfig', ['contracts', '--kubeconfig', 'none'], /^none: there is no such file\nName the file/],
    [
      'a broken kubeconfig',
      ['candidates', '--kubeconfig', 'kubeconfig-bad'],
      /^kubeconfig-bad: is no kubeconfig that can/,
    ],
    [
      'an unknown command',
      ['sumbit', 'web.yaml'],
      /^error: unknown command 'sumbit'\n\(Did you mean submit\?\)\nSee `rear/,
    ],
    [
      'an unknown option',
      ['list', '--otput', 'json'],
      /^error: unknown option '--otput'\n\(Did you mean --output\?\)\nSee/,
    ],
    [
      'an unknown format',
      ['list', '-o', 'xml'],
      /^error: .*'xml' is invalid. Allowed choices are table, yaml, json\.\nSee/,
    ],
    ['a missing argument', ['explain'], /^error: missing required argument 'intent'\nSee/],
    [
      'a stack name that leads elsewhere',
      ['stack', 'up', '--name', '../x'],
      /^--name: must be lower case.*\nFor example/,
    ],
  ])('%s', async (_what, args, expected) => {
    await expectRefused(await rearflow(...args), expected);
  });
});

test('Go missing: says so before anything is built, and leaves nothing', async () => {
  const env = { ...bareEnvironment(home), PATH: dirname(process.execPath), REARFLOW_CACHE: join(home, 'cache') };
  const { code, stdout, stderr } = await rearflowIn({ cwd: home, env }, 'stack', 'up');
  expect(stderr).toMatch(/must be built, which needs Go 1\.24 or newer; no go command was found\nInstall Go from/);
  expect(stderr).not.toMatch(traces);
  expect([stdout, code]).toEqual(['', 2]);
  expect(await readdir(join(home, 'cache'))).not.toContain('toolchain');
  expect(await readdir(join(home, 'state', 'stack'))).toEqual([]);
  await rm(join(home, 'state'), { recursive: true });
});

test('a disk that fills up during a build: one line, no other build goes on, nothing half-made stays', async () => {
  const bin = join(home, 'bin');
  await mkdir(bin);
  // Real ENOSPC, from a device that is always full; the other build would take a minute.
  const go = `#!/bin/sh
case "$1 $*" in
  env*) echo go1.24.0 ;;
  *kube-apiserver*) echo $$ > ${home}/waiting; exec sleep 60 ;;
  build*) while [ ! -s ${home}/waiting ]; do sleep 0.05; done; LC_ALL=C dd if=/dev/zero of=/dev/full bs=1 count=1; exit 1 ;;
esac
`;
  await writeFile(join(bin, 'go'), go, { mode: 0o755 });
  const env = {
    ...bareEnvironment(home),
    PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`,
    REARFLOW_CACHE: join(home, 'full'),
  };
  const { code, stdout, stderr } = await rearflowIn({ cwd: home, env }, 'stack', 'up');
  expect(stderr).toMatch(/^the disk filled up while temporal v\S+ was built\nFree space there/m);
  expect(stderr).not.toMatch(traces);
  expect([stdout, code]).toEqual(['', 2]);
  const left = await readdir(join(home, 'full', 'toolchain'));
  expect(left.filter((name) => !name.endsWith('.log'))).toEqual([]);
  const waiting = Number(await readFile(join(home, 'waiting'), 'utf8'));
  expect(() => process.kill(waiting, 0)).toThrow('ESRCH');
  await rm(join(home, 'state'), { recursive: true });
});

test('a provider that answers nonsense is named with what was wrong, and costs only its own offers', async () => {
  for (const [kind, each] of [...Object.entries(nonsense), ['silence', undefined] as const]) {
    answer = each;
    const { code, stdout, stderr } = await rearflow('plan', 'web.yaml', '--endpoint', `127.0.0.1:${String(port)}`);
    expect({ kind, code, stderr }).toEqual({ kind, code: 1, stderr: '' });
    expect(stdout).toMatch(/^(127\.0\.0\.1:\d+ gave no offers: .+\n)?.*Nobody offers anything\.\n$/);
    expect(stdout).not.toMatch(traces);
  }
});
