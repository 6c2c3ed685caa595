import { createServer, connect } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { kubeconfigText } from './kubeconfig.ts';
import { createClusterPki } from './pki.ts';

const pki = await createClusterPki('milan');

test('leaves are signed by the authority and name what they are for', () => {
  const ca = new X509Certificate(pki.ca.cert);
  const server = new X509Certificate(pki.server.cert);
  const admin = new X509Certificate(pki.admin.cert);
  expect(ca.ca).toBe(true);
  for (const leaf of [server, admin]) {
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(ca.publicKey)).toBe(true);
  }
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server.checkIP('10.0.0.1')).toBe('10.0.0.1');
  expect(server.checkHost('localhost')).toBe('localhost');
  expect(admin.subject).toContain('O=system:masters');
});

test('the token pair signs and verifies', () => {
  const data = Buffer.from('token');
  const signature = sign('sha256', data, createPrivateKey(pki.serviceAccount.privateKey));
  expect(verify('sha256', data, createPublicKey(pki.serviceAccount.publicKey), signature)).toBe(true);
});

test('a client with the kubeconfig and a server with the certificate accept each other over mutual TLS', async () => {
  const server = createServer(
    { cert: pki.server.cert, key: pki.server.key, ca: pki.ca.cert, requestCert: true, rejectUnauthorized: true },
    (socket) => socket.end(String(socket.getPeerCertificate().subject.O)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromString(
    kubeconfigText({ name: 'milan', server: `https://127.0.0.1:${port}`, ca: pki.ca.cert, user: pki.admin }),
  );
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  await config.applyToHTTPSOptions(options);
  const group = await new Promise<string>((resolve, reject) => {
    const { ca, cert, key } = options as { ca: Buffer; cert: Buffer; key: Buffer };
    const socket = connect({ port, host: '127.0.0.1', ca, cert, key });
    socket.once('error', reject);
    socket.once('data', (data) => resolve(String(data)));
  });
  await new Promise((resolve) => server.close(resolve));
  expect(group).toBe('system:masters');
});

test('a token kubeconfig holds the token and no key', () => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfigText({ name: 'a', server: 'https://127.0.0.1:1', ca: 'x', user: { token: 't' } }));
  expect(config.getCurrentUser()).toMatchObject({ name: 'a', token: 't' });
  expect(config.getCurrentUser()?.keyData).toBeUndefined();
});
