import type { IntentInput } from '../schemas/intent.ts';
import type { Paint } from '../view/style.ts';
import { tableLines } from '../view/table.ts';
import type { Leak, ProviderPod } from './world.ts';

/** What is going to happen. */
export function titleLines({ name, resources }: IntentInput, file: string, paint: Paint): string[] {
  return [
    paint('strong', 'rearflow demo: turin has no worker nodes, milan sells two'),
    `Intent ${paint('strong', name)} (${file}) needs cpu ${resources.cpu}, memory ${resources.memory}. Starting both clusters with Temporal and Liqo ...`,
  ];
}

/** The proof that the pods run at the seller: read from its own API server. */
export function providerPodLines(seller: string, pods: readonly ProviderPod[], paint: Paint): string[] {
  const columns = [
    { title: 'namespace', cell: ({ namespace }: ProviderPod) => namespace },
    { title: 'pod', cell: ({ name }: ProviderPod) => name },
    { title: 'phase', cell: ({ phase }: ProviderPod) => paint(phase === 'Running' ? 'good' : 'busy', phase) },
    { title: 'node', cell: ({ node }: ProviderPod) => paint('name', node) },
  ];
  const running = pods.length > 0 && pods.every(({ phase }) => phase === 'Running');
  const title = running ? paint('good', `Running on ${seller}`) : paint('busy', `Not all running on ${seller} yet`);
  return [`${title}, says ${seller}'s own API server`, ...tableLines(columns, pods, paint)];
}

/** Both clusters compared with what they were before. */
export function leakLines(leaks: readonly Leak[], paint: Paint): string[] {
  if (leaks.length === 0) return [`Leaks: ${paint('good', 'none')}. Both clusters hold what they held before.`];
  return [
    paint('bad', `Leaks: ${leaks.length}`),
    ...leaks.map(({ cluster, object, what }) => `  ${cluster}: ${object} (${what})`),
  ];
}
