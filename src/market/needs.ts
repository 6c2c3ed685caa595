import type { IntentInput } from '../schemas/intent.ts';
import { compareQuantities, formatQuantity, parseQuantity } from './quantity.ts';

/**
 * Does the workload of an intent fit into what the intent asks for? Raw manifests are left to the seller's quota.
 *
 * @returns the field that is too small and the rule, or undefined when it fits
 */
export function overbooked(intent: IntentInput): { readonly field: string; readonly rule: string } | undefined {
  const { workload, resources } = intent;
  if (workload.kind === 'manifests') return undefined;
  const pods = workload.kind === 'job' ? workload.parallelism : workload.replicas;
  const needs = {
    cpu: times(workload.requests.cpu, pods),
    memory: times(workload.requests.memory, pods),
    pods: String(pods),
  };
  for (const key of ['cpu', 'memory', 'pods'] as const) {
    if (compareQuantities(resources[key], needs[key]) >= 0) continue;
    return {
      field: `resources.${key}`,
      rule: `is ${resources[key]}, but the workload's ${String(pods)} pods need ${needs[key]}`,
    };
  }
  return undefined;
}

function times(quantity: string, count: number): string {
  const { nano, format } = parseQuantity(quantity);
  return formatQuantity({ nano: nano * BigInt(count), format });
}
