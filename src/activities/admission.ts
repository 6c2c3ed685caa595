import { ApplicationFailure } from '@temporalio/activity';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { liqoKinds } from '../kubernetes/liqo-kinds.ts';
import { keys, offloadingName } from '../liqo/names.ts';
import type { IntentInput } from '../schemas/intent.ts';
import { ownerAnnotation } from '../tables/owner.ts';
import { unsafeField, type WorkloadRules } from '../workload/safety.ts';

/**
 * What the input's schema cannot know: the rules of this node, and what its cluster holds already. Nothing is written
 * before this passed.
 *
 * @throws ApplicationFailure `InvalidIntent` (non-retryable) naming field and rule
 */
export async function admit(cluster: Cluster, intent: IntentInput, rules: WorkloadRules): Promise<void> {
  const unsafe = unsafeField(intent.workload, rules);
  if (unsafe) throw invalid(unsafe.field, unsafe.rule);
  const name = intent.namespace ?? `rf-${intent.name}`;
  const there = await cluster.get<KubeObject>(kinds.Namespace, name);
  if (intent.namespace === undefined) {
    if (there && there.metadata.annotations?.[ownerAnnotation] !== `intent/${intent.name}`) {
      throw invalid('name', `leads to namespace ${name}, which exists and belongs to somebody else`);
    }
    return;
  }
  if (!there) throw invalid('namespace', `is ${name}, which does not exist: create it, or leave the field out`);
  const offloaded = await cluster.get<KubeObject>(liqoKinds.NamespaceOffloading, offloadingName, name);
  if (offloaded && offloaded.metadata.annotations?.[keys.offloadedBy] === undefined) {
    throw invalid(
      'namespace',
      `is ${name}, which somebody else offloads: use another, or remove that NamespaceOffloading`,
    );
  }
}

function invalid(field: string, rule: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`InvalidIntent: ${field} ${rule}`, 'InvalidIntent', { field, rule });
}
