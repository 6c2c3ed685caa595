import { simulateAuthentication } from './authentication.ts';
import { simulateNamespaces } from './namespaces.ts';
import type { Parties } from './parties.ts';
import { Reconcilers } from './reconciler.ts';
import { simulateSlices } from './slices.ts';
import { simulateVirtualNodes } from './virtual-nodes.ts';
import { simulateWorkloads } from './workloads.ts';

export interface SimulatedLiqo {
  /** What it could not do yet, for the report of a run that hangs. */
  troubles(): readonly string[];
  close(): Promise<void>;
}

/**
 * Plays Liqo's controllers, Kubernetes' controllers and the kubelets on two bare API servers, for any number of pairs,
 * as fast as it can. Contract tests keep it in agreement with the real ones (test/integration/parts/liqo-double.test.ts).
 */
export async function simulateLiqo(parties: Parties): Promise<SimulatedLiqo> {
  const reconcilers = new Reconcilers();
  simulateAuthentication(reconcilers, parties);
  simulateSlices(reconcilers, parties);
  simulateVirtualNodes(reconcilers, parties);
  simulateNamespaces(reconcilers, parties);
  simulateWorkloads(reconcilers, parties);
  await reconcilers.ready();
  return {
    troubles: () => [...reconcilers.troubles].map(([key, text]) => `${key}: ${text}`),
    close: () => reconcilers.close(),
  };
}
