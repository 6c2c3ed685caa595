import { liqoKinds } from '../kubernetes/liqo-kinds.ts';
import { keys, sliceUser } from './names.ts';
import { celText } from './policy.ts';
import type { Policy } from './policy.ts';

export interface Placement {
  readonly slice: string;
  readonly consumerId: string;
  /** Kubernetes nodes that were sold. */
  readonly nodes: readonly string[];
}

export function placementPolicyName(slice: string): string {
  return `rearflow-placement-${slice}`;
}

/**
 * Keeps the pods of a contract on the nodes that were sold, where the seller's API server creates them; the slice's
 * node selector alone is in the buyer's hands.
 *
 * @see DESIGN 4.4; reference liqo-proven.md 10
 */
export function placementPolicy(placement: Placement): Policy {
  const { slice, consumerId, nodes } = placement;
  const selector = 'object.spec.pod.nodeSelector';
  const host = celText('kubernetes.io/hostname');
  const sold = `[${nodes.map(celText).join(', ')}]`;
  return {
    name: placementPolicyName(slice),
    labels: { 'app.kubernetes.io/part-of': 'rearflow', [keys.remoteCluster]: consumerId },
    kind: liqoKinds.ShadowPod,
    subresources: [],
    who: `request.userInfo.username == ${celText(sliceUser(slice, consumerId))}`,
    rules: [
      {
        expression: `has(object.spec.pod) && has(${selector}) && ${host} in ${selector} && ${selector}[${host}] in ${sold}`,
        message: `pods of this contract may run on ${nodes.join(', ')} only`,
      },
    ],
    probe: {
      metadata: { name: `rearflow-probe-${slice}`, namespace: 'default' },
      ...{ spec: { pod: { containers: [{ name: 'probe', image: 'probe' }] } } },
    },
  };
}
