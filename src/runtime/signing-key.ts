import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../signing/keys.ts';
import { KubeError, type Cluster, type KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';

interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

const name = 'rearflow-signing-key';

/** The node's signing keys, kept in a Secret; made at the first start, by whichever process comes first. */
export async function ensureSigningKeys(cluster: Cluster, namespace: string): Promise<SigningKeys> {
  const there = await cluster.get<Secret>(kinds.Secret, name, namespace);
  if (there) return loadSigningKeys(decode(there));
  const data = { jwks: Buffer.from(await generateSigningKey()).toString('base64') };
  try {
    await cluster.create<Secret>(kinds.Secret, { metadata: { name, namespace }, type: 'Opaque', data });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
  }
  const made = await cluster.get<Secret>(kinds.Secret, name, namespace);
  return loadSigningKeys(made ? decode(made) : '');
}

const decode = (secret: Secret): string => Buffer.from(secret.data?.['jwks'] ?? '', 'base64').toString('utf8');
