import 'reflect-metadata';
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

const ed25519 = { name: 'Ed25519' };

/**
 * Certificate signing request of a cluster: subject O=`liqo.io`, CN=cluster id, signed with the cluster's own key.
 *
 * @param privateKeyPem PKCS8 PEM of an Ed25519 key (`privateKey` of Liqo's Secret `authentication-keys`)
 * @returns one PEM block `CERTIFICATE REQUEST`
 * @throws TypeError when the key is not Ed25519
 * @see docs/liqo.md 3.5
 */
export async function createCsr(privateKeyPem: string, clusterId: string): Promise<string> {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new TypeError(
      `authentication-keys: ${key.asymmetricKeyType ?? 'unknown'} key; Liqo must run with Ed25519 keys`,
    );
  }
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const privateKey = await webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), ed25519, false, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('spki', new Uint8Array(spki), ed25519, true, ['verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: ['liqo.io'] }, { CN: [clusterId] }],
    keys: { privateKey, publicKey },
    signingAlgorithm: ed25519,
  });
  return `${request.toString('pem')}\n`;
}

export interface CsrSubject {
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
}

/** Whom a request is for. @param pem one PEM block. @throws Error when it is no request */
export function csrSubject(pem: string): CsrSubject {
  const { subjectName } = new Pkcs10CertificateRequest(pem);
  return { commonName: subjectName.getField('CN')[0], organization: subjectName.getField('O')[0] };
}
