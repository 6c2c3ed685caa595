import { ApplicationFailure } from '@temporalio/activity';
import { decodeJwt } from 'jose';
import { parse } from 'yaml';
import { z } from 'zod';
import { KubeError, type Cluster } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { isOwnedBy, ownerAnnotation } from '../../kubernetes/owner.ts';
import { receivedKubeconfig } from '../../kubernetes/received-kubeconfig.ts';
import type { AddressRules } from '../../platform/address-guard.ts';
import { RearflowError } from '../../platform/errors.ts';
import { fromBase64, toBase64, type Secret } from '../../liqo/authentication/secret.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { ownerWorkflow } from '../context.ts';

/**
 * Credentials as a seller sent them, made anew from what may stand in them.
 *
 * @param kubeconfig base64 of the YAML, as it stands on the wire
 * @returns base64 of what is kept
 * @throws RearflowError `InvalidRequest` naming field and rule
 */
export const receivedCredentials = (kubeconfig: string, addresses: AddressRules): string =>
  toBase64(receivedKubeconfig(fromBase64(kubeconfig), addresses));

/**
 * Keeps credentials that came with a contract in a Secret; workflows pass its name only (rule 4).
 *
 * @param kubeconfig base64 of the YAML, as it stands on the wire
 */
export async function saveCredentials(
  cluster: Cluster,
  namespace: string,
  name: string,
  kubeconfig: string,
): Promise<void> {
  const owner = ownerWorkflow();
  const metadata = { name, namespace, annotations: { [ownerAnnotation]: owner } };
  const secret: Secret = { metadata, data: { kubeconfig } };
  try {
    await cluster.create(kinds.Secret, { ...secret, ...{ type: 'Opaque' } });
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
    const there = await cluster.get<Secret>(kinds.Secret, name, namespace);
    if (there && !isOwnedBy(there, owner)) throw notOwn(namespace, name);
    await cluster.merge(kinds.Secret, name, namespace, { data: { kubeconfig } });
  }
}

/** @returns the kubeconfig as YAML @throws RearflowError `NotFound` */
export async function readCredentials(cluster: Cluster, namespace: string, name: string): Promise<string> {
  const secret = await cluster.get<Secret>(kinds.Secret, name, namespace);
  const kubeconfig = secret?.data?.['kubeconfig'];
  if (kubeconfig === undefined) throw new RearflowError('NotFound', `Secret ${namespace}/${name} holds no kubeconfig`);
  return fromBase64(kubeconfig);
}

const Kubeconfig = z.object({ users: z.array(z.object({ user: z.object({ token: z.string() }) })).min(1) });

/** @returns when the token of a kubeconfig ends, milliseconds since the epoch; undefined when it tells no end */
export function credentialsEnd(kubeconfig: string): number | undefined {
  try {
    const { users } = Kubeconfig.parse(parse(kubeconfig));
    const { exp } = decodeJwt(users[0]?.user.token ?? '');
    return exp === undefined ? undefined : exp * 1_000;
  } catch {
    return undefined;
  }
}

export async function deleteCredentials(
  cluster: Cluster,
  namespace: string,
  name: string,
  nodeName: string,
): Promise<readonly ReadBack[]> {
  const found = await cluster.get<Secret>(kinds.Secret, name, namespace);
  if (found && !isOwnedBy(found, ownerWorkflow())) throw notOwn(namespace, name);
  const there = await cluster.delete(
    kinds.Secret,
    name,
    namespace,
    found?.metadata.uid ? { uid: found.metadata.uid } : {},
  );
  const left = await cluster.get(kinds.Secret, name, namespace);
  if (left) throw new Error(`Secret ${namespace}/${name} is still there`);
  return there ? [{ cluster: nodeName, object: `Secret ${namespace}/${name}`, gone: true, how: '404' }] : [];
}

const notOwn = (namespace: string, name: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`NotYours: Secret ${namespace}/${name} is not of this workflow`, 'NotYours');
