import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { createCsr, csrSubject } from './csr.ts';

function pem(type: 'ed25519' | 'rsa'): string {
  const pair = type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

test("the request carries Liqo's subject and a signature that holds", async () => {
  const request = await createCsr(pem('ed25519'), 'turin');
  expect(request).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n[^-]+-----END CERTIFICATE REQUEST-----\n$/);
  expect(csrSubject(request)).toEqual({ commonName: 'turin', organization: 'liqo.io' });
  expect(await new Pkcs10CertificateRequest(request).verify()).toBe(true);
});

test('the same key and cluster give the same request, so that a repeated handshake changes nothing', async () => {
  const key = pem('ed25519');
  expect(await createCsr(key, 'turin')).toBe(await createCsr(key, 'turin'));
});

test('a key of another type is refused by name', async () => {
  await expect(createCsr(pem('rsa'), 'turin')).rejects.toThrow(/rsa key/);
});
