import type { Cluster } from '../../../../src/kubernetes/cluster.ts';
import { liqoKinds } from '../../../../src/kubernetes/liqo-kinds.ts';
import { awaitsDecision, claimedContract, decideSlice, type Decision } from '../../../../src/liqo/slices/decision.ts';
import type { ResourceSlice } from '../../../../src/liqo/slices/slice.ts';
import { Reconcilers } from '../liqo/reconciler.ts';

/** Decides on slices for all provider doubles of an API server. @param decide undefined = somebody else's to decide */
export async function simulateSliceClass(
  sellers: Cluster,
  decide: (contractID: string) => Decision | undefined,
): Promise<Reconcilers> {
  const reconcilers = new Reconcilers();
  reconcilers.on(sellers, liqoKinds.ResourceSlice, async (object, gone) => {
    const slice = object as ResourceSlice;
    if (gone || !awaitsDecision(slice) || slice.spec.consumerClusterID === undefined) return;
    const { name = '', namespace = '' } = slice.metadata;
    const decision = decide(claimedContract(slice) ?? '');
    if (!decision) return;
    const step = { signal: AbortSignal.timeout(10_000), heartbeat: () => undefined };
    await decideSlice(sellers, namespace, name, decision, step);
  });
  await reconcilers.ready();
  return reconcilers;
}
