import type { KubeObject } from '../../../src/kubernetes/cluster.ts';
import { allowedLabel } from '../../../src/workload/namespaces.ts';

/** A namespace that intents may use. */
export const openNamespace = (name: string): KubeObject => ({
  metadata: { name, labels: { [allowedLabel.name]: allowedLabel.value } },
});
