import { ApplicationFailure } from '@temporalio/activity';
import { KubeError, type Cluster, type KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { isOwnedBy } from '../../kubernetes/owner.ts';
import { nameOf, remains } from '../../liqo/step.ts';
import { intentLabel } from '../../workload/labels.ts';
import { isOwnNamespace, namespaceProblem } from '../../workload/namespaces.ts';
import type { WorkloadObject } from '../../workload/objects.ts';
import { isRefused, type GroundRules } from './admission.ts';

const fieldManager = 'rearflow/workload';

/** What an intent fails with for good. @param reason for people */
export const refused = (reason: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`WorkloadFailed: ${reason}`, 'WorkloadFailed');

/**
 * Makes sure that an intent may put something into a namespace, whatever its workflow was started with.
 *
 * @param owner workflow id of the intent
 * @throws ApplicationFailure `WorkloadFailed` (non-retryable) when it may not
 */
export async function standOn(cluster: Cluster, namespace: string, owner: string, rules: GroundRules): Promise<void> {
  const there = await cluster.get<KubeObject>(kinds.Namespace, namespace);
  if (!there) throw new Error(`namespace ${namespace} does not exist`);
  const problem = isOwnNamespace(there, owner) ? undefined : namespaceProblem(there, rules);
  if (problem !== undefined) throw refused(`the namespace ${problem}`);
}

/**
 * Creates an object of an intent, or brings the one that it created before up to date.
 *
 * @param owner workflow id of the intent
 * @throws ApplicationFailure `WorkloadFailed` (non-retryable) when an object of somebody else has that name, or the
 *   ServiceAccount in whose name it is created has not the right
 */
export async function putOwn(
  cluster: Cluster,
  object: WorkloadObject,
  owner: string,
  { account }: GroundRules,
): Promise<void> {
  const writer = account ? cluster.impersonating(account) : cluster;
  const kind = kinds[object.kind];
  const { name, namespace } = object.metadata;
  const what = nameOf(kind, name, namespace);
  try {
    await writer.create<KubeObject>(kind, object);
    return;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (isRefused(error)) throw refused(error.message);
    if (error.status !== 409) throw error;
  }
  const there = await cluster.get<KubeObject>(kind, name, namespace);
  if (there && !isOwnedBy(there, owner)) throw refused(`${what} exists, and this intent did not create it`);
  if (!there || there.metadata.deletionTimestamp) throw new Error(`${what} is ${there ? remains(there) : 'gone'}`);
  const { uid } = there.metadata;
  await writer.apply<KubeObject>(
    kind,
    { ...object, metadata: { ...object.metadata, ...(uid ? { uid } : {}) } },
    fieldManager,
  );
}

/**
 * Objects of a kind that an intent created, or that were made from its templates: they carry its label and name it as
 * their owner. A label alone proves nothing: anybody may set it.
 *
 * @param owner workflow id of the intent
 */
export async function listOwn(
  cluster: Cluster,
  kind: keyof typeof kinds,
  { namespace, intent }: { readonly namespace: string; readonly intent: string },
  owner: string,
): Promise<KubeObject[]> {
  const labelSelector = `${intentLabel}=${intent}`;
  const { items } = await cluster.list<KubeObject>(kinds[kind], { namespace, labelSelector });
  return items.filter((each) => isOwnedBy(each, owner));
}
