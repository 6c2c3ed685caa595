import 'reflect-metadata';
import { generateKeyPair } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { JsonGeneralName, X509Certificate } from '@peculiar/x509';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface KeyPairPem {
  readonly cert: string;
  readonly key: string;
}

/** Certificates of one control plane. */
export interface ClusterPki {
  readonly ca: KeyPairPem;
  /** For every server of the cluster: 127.0.0.1, localhost, the service network's first address. */
  readonly server: KeyPairPem;
  /** Client certificate of group `system:masters`. */
  readonly admin: KeyPairPem;
  /** RSA pair that signs ServiceAccount tokens, PEM. */
  readonly serviceAccount: { readonly publicKey: string; readonly privateKey: string };
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 60 * 60 * 1000;
const lifetime = 365 * day;
const serverNames: JsonGeneralName[] = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '10.0.0.1' },
  { type: 'dns', value: 'localhost' },
  { type: 'dns', value: 'kubernetes.default.svc' },
];

/** Makes everything one control plane needs; a few hundred milliseconds, nearly all for the RSA key. */
export async function createClusterPki(clusterName: string): Promise<ClusterPki> {
  const serviceAccount = promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const ca = await createAuthority(`rearflow ${clusterName}`);
  const [server, admin] = await Promise.all([
    ca.issue({ subject: 'CN=kube-apiserver', usage: ExtendedKeyUsage.serverAuth, names: serverNames }),
    ca.issue({ subject: 'CN=admin,O=system:masters', usage: ExtendedKeyUsage.clientAuth }),
  ]);
  return { ca: ca.pem, server, admin, serviceAccount: await serviceAccount };
}

interface Authority {
  readonly pem: KeyPairPem;
  issue(leaf: {
    readonly subject: string;
    readonly usage: ExtendedKeyUsage;
    readonly names?: JsonGeneralName[];
  }): Promise<KeyPairPem>;
}

async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  return {
    pem: await toPem(root, keys.privateKey),
    async issue({ subject, usage, names }) {
      const leafKeys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const leaf = await X509CertificateGenerator.create({
        ...validity(),
        serialNumber: serialNumber(),
        subject,
        issuer: root.subject,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([usage]),
          ...(names ? [new SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return toPem(leaf, leafKeys.privateKey);
    },
  };
}

/** From a little earlier, so that a peer whose clock is slightly behind accepts it. */
function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - day / 24), notAfter: new Date(now + lifetime) };
}

/** Positive and at most 20 bytes long, as RFC 5280 4.1.2.2 asks. */
function serialNumber(): string {
  return `01${Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('hex')}`;
}

async function toPem(certificate: X509Certificate, privateKey: webcrypto.CryptoKey): Promise<KeyPairPem> {
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
  return { cert: `${certificate.toString('pem')}\n`, key: `${key}\n` };
}
