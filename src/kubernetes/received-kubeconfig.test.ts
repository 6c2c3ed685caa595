import { mkdtempSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { anyAddress, type AddressRules } from '../platform/address-guard.ts';
import { createClusterPki } from '../stack/pki.ts';
import { connectReceived } from './connect.ts';
import { receivedKubeconfig } from './received-kubeconfig.ts';

const outside: AddressRules = { any: false, known: [], ranges: [] };
let folder = '';
let ca = '';
let marker = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rearflow-kubeconfig-'));
  marker = join(folder, 'it-ran');
  ca = Buffer.from((await createClusterPki('milan')).ca.cert).toString('base64');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
  readonly more?: object;
}

const server = 'https://203.0.113.7:6443';

function written({ cluster, user, context, more }: Parts = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': ca, ...cluster } }],
    users: [{ name: 'u', user: { token: 'abc.def-ghi', ...user } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'liqo-tenant-turin', ...context } }],
    'current-context': 'x',
    ...more,
  });
}

test('server, certificate authority and token are kept, and nothing else', () => {
  expect(JSON.parse(receivedKubeconfig(written(), anyAddress))).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'received', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'received', user: { token: 'abc.def-ghi' } }],
    contexts: [{ name: 'received', context: { cluster: 'received', user: 'received' } }],
    'current-context': 'received',
  });
});

const exec = (): object => ({
  apiVersion: 'client.authentication.k8s.io/v1',
  command: 'touch',
  args: [marker],
  interactiveMode: 'Never',
});

test.each<[string, () => Parts]>([
  ['runs a program', () => ({ user: { exec: exec() } })],
  ['reads a token from a file', () => ({ user: { tokenFile: '/etc/hostname' } })],
  ['reads a token by an auth provider', () => ({ user: { 'auth-provider': { name: 'oidc', config: {} } } })],
  ['reads a certificate from a file', () => ({ user: { 'client-certificate': '/etc/hostname' } })],
  ['reads a certificate authority from a file', () => ({ cluster: { 'certificate-authority': '/etc/hostname' } })],
  ['checks no certificate', () => ({ cluster: { 'insecure-skip-tls-verify': true } })],
  ['goes through a proxy', () => ({ cluster: { 'proxy-url': 'http://198.51.100.7' } })],
  ['pretends to be another server', () => ({ cluster: { 'tls-server-name': 'kubernetes' } })],
  ['acts as another user', () => ({ user: { as: 'system:admin' } })],
  ['sends a password', () => ({ user: { username: 'a', password: 'b' } })],
  ['is plain HTTP', () => ({ cluster: { server: 'http://203.0.113.7' } })],
  ['hides a user in its address', () => ({ cluster: { server: 'https://a:b@203.0.113.7' } })],
  ['ends a header with its token', () => ({ user: { token: 'abc\r\nx: y' } })],
  ['has a certificate that is none', () => ({ cluster: { 'certificate-authority-data': 'AAAA' } })],
  [
    'has two users',
    () => ({
      more: {
        users: [
          { name: 'u', user: { token: 'a' } },
          { name: 'v', user: { exec: exec() } },
        ],
      },
    }),
  ],
  ['has an extension', () => ({ more: { extensions: [{ name: 'e', extension: {} }] } })],
  ['is larger than its budget', () => ({ user: { token: 'a'.repeat(70_000) } })],
])('a kubeconfig of a seller that %s is refused', (_, parts) => {
  expect(() => connectReceived(written(parts()), anyAddress)).toThrow(/^kubeconfig: /);
  expect(existsSync(marker)).toBe(false);
});

test.each([
  'in-cluster',
  '/etc/hostname',
  '~/.kube/config',
  '',
  'null',
  '[]',
  '{',
  '*a',
  '&a [*a, *a]',
  'a: &a [b]\nc: *a',
])('what is no kubeconfig but %j is refused, and not opened as a file', (text) => {
  expect(() => connectReceived(text, anyAddress)).toThrow(/^kubeconfig: /);
});

test('a file that a path in its place names is not read', () => {
  const file = join(folder, 'admin.yaml');
  writeFileSync(file, written());
  expect(() => connectReceived(file, anyAddress)).toThrow(/^kubeconfig: /);
});

test.each(['https://127.0.0.1:6443', 'https://169.254.169.254', 'https://[::1]', 'https://kubernetes.default.svc'])(
  'a server at %s is refused',
  (inner) => {
    const text = written({ cluster: { server: inner } });
    expect(() => receivedKubeconfig(text, outside)).toThrow(/clusters\.0\.cluster\.server/);
    expect(receivedKubeconfig(text, anyAddress)).toContain(inner);
  },
);

test('the reason names the field and never a value', () => {
  const secret = 'AKIA-very-secret';
  const text = written({ user: { token: `${secret} ${secret}` } });
  expect(() => receivedKubeconfig(text, anyAddress)).toThrow(
    /^kubeconfig: users\.0\.user\.token: must be a bearer token$/,
  );
});
