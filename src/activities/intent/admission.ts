import { ApplicationFailure } from '@temporalio/activity';
import pLimit from 'p-limit';
import { KubeError, type Account, type Cluster, type KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { isOwnedBy } from '../../kubernetes/owner.ts';
import { keys, offloadingName } from '../../liqo/names.ts';
import type { IntentInput } from '../../schemas/intent.ts';
import { offloadingId } from '../../messages/offloading/messages.ts';
import { isOwnNamespace, namespaceProblem, type NamespaceRules } from '../../workload/namespaces.ts';
import { workloadObjects, type WorkloadObject } from '../../workload/objects.ts';
import { contractOf, unsafeField, type WorkloadRules } from '../../workload/safety.ts';

/** Where on this cluster intents may run, and in whose name. */
export interface GroundRules extends NamespaceRules {
  /** ServiceAccount whose rights decide what intents may create; rearflow's own when left out. */
  readonly account?: Account;
}

export interface AdmissionRules {
  readonly workload: WorkloadRules;
  readonly ground: GroundRules;
}

/** API calls of one admission at a time. */
const atOnce = 8;

/**
 * What the input's schema cannot know: the rules of this node, and what its cluster holds already. Nothing is written
 * before this passed.
 *
 * @param owner workflow id of the intent
 * @throws ApplicationFailure `InvalidIntent` (non-retryable) naming field and rule
 */
export async function admit(
  cluster: Cluster,
  intent: IntentInput,
  rules: AdmissionRules,
  owner: string,
): Promise<void> {
  const unsafe = unsafeField(intent.workload, rules.workload, contractOf(intent.resources));
  if (unsafe) throw invalid(unsafe.field, unsafe.rule);
  const name = intent.namespace ?? `rf-${intent.name}`;
  const there = await cluster.get<KubeObject>(kinds.Namespace, name);
  if (intent.namespace === undefined) {
    if (there && !isOwnNamespace(there, owner)) {
      throw invalid('name', `leads to namespace ${name}, which exists and belongs to somebody else`);
    }
  } else await admitNamespace(cluster, name, there, rules.ground);
  if (there || rules.ground.account) await admitObjects(cluster, intent, name, rules.ground, owner);
}

async function admitNamespace(
  cluster: Cluster,
  name: string,
  there: KubeObject | undefined,
  rules: GroundRules,
): Promise<void> {
  if (!there) throw invalid('namespace', `is ${name}, which does not exist: create it, or leave the field out`);
  if (there.metadata.deletionTimestamp) throw invalid('namespace', `is ${name}, which is being deleted`);
  const problem = namespaceProblem(there, rules);
  if (problem !== undefined) throw invalid('namespace', problem);
  const offloaded = await cluster.get<KubeObject>(liqoKinds.NamespaceOffloading, offloadingName, name);
  if (offloaded && offloaded.metadata.annotations?.[keys.offloadedBy] !== offloadingId(name)) {
    throw invalid(
      'namespace',
      `is ${name}, which somebody else offloads: use another, or remove that NamespaceOffloading`,
    );
  }
}

/** Nothing of others has the name of an object of the workload, and the API server would take each of them. */
async function admitObjects(
  cluster: Cluster,
  { name: intent, workload }: IntentInput,
  namespace: string,
  { account }: GroundRules,
  owner: string,
): Promise<void> {
  const writer = account ? cluster.impersonating(account) : cluster;
  const limit = pLimit(atOnce);
  const check = async (object: WorkloadObject, index: number): Promise<void> => {
    const { kind, metadata } = object;
    const field = workload.kind === 'manifests' ? `workload.objects.${String(index)}` : 'workload';
    const there = await cluster.get<KubeObject>(kinds[kind], metadata.name, namespace);
    if (there && !isOwnedBy(there, owner)) {
      const what = `${kind} ${namespace}/${metadata.name}`;
      throw invalid(field, `would take over ${what}, which this intent did not create: choose another name`);
    }
    if (there) return;
    try {
      await writer.create(kinds[kind], object, { dryRun: true });
    } catch (error) {
      if (error instanceof KubeError && isRefused(error)) throw invalid(field, `is refused: ${error.message}`);
      if (!(error instanceof KubeError)) throw error;
    }
  };
  const objects = workloadObjects(workload, { intent, owner, namespace, node: 'unknown-yet' });
  await Promise.all(objects.map((object, index) => limit(() => check(object, index))));
}

const withoutDryRun = /does not support dry run/;
const withoutRights = /is forbidden: User "/;

/** The answer of the API server would be the same after the purchase; anything else may have passed until then. */
export const isRefused = ({ final, status, message }: KubeError): boolean =>
  (final && !withoutDryRun.test(message)) || (status === 403 && withoutRights.test(message));

function invalid(field: string, rule: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`InvalidIntent: ${field} ${rule}`, 'InvalidIntent', { field, rule });
}
