import type { Partitionability } from '../schemas/wire.ts';
import { dimensions, type Amounts, type Dimension } from './ledger/amounts.ts';
import { compareQuantities, isMultipleOf } from './quantity.ts';

export type Cut = { readonly ok: true } | { readonly ok: false; readonly dimension: Dimension; readonly rule: string };

/** Smallest amount and step of a dimension; dimensions without a policy may be cut anywhere. */
export function cutRule(policy: Partitionability, dimension: Dimension): { min: string; step: string } {
  switch (dimension) {
    case 'cpu':
      return { min: policy.cpuMin, step: policy.cpuStep };
    case 'memory':
      return { min: policy.memoryMin, step: policy.memoryStep };
    case 'pods':
      return { min: policy.podsMin, step: policy.podsStep };
    case 'storage':
    case 'gpuCores':
    case 'gpuMemory':
      return { min: '0', step: '0' };
  }
}

/**
 * May `asked` be cut out of `whole`? Taking all of a dimension is always allowed; otherwise the part is at least the
 * minimum and a whole multiple of the step. CPU, memory and pods must be more than zero, pods whole.
 */
export function cutsCleanly(asked: Amounts, whole: Amounts, policy: Partitionability): Cut {
  for (const dimension of dimensions) {
    const part = asked[dimension] ?? '0';
    const all = whole[dimension] ?? '0';
    const bad = (rule: string): Cut => ({ ok: false, dimension, rule });
    const vital = dimension === 'cpu' || dimension === 'memory' || dimension === 'pods';
    if (vital && compareQuantities(part, '0') <= 0) return bad(`asked ${part}, must be more than 0`);
    if (dimension === 'pods' && !isMultipleOf(part, '1')) return bad(`asked ${part}, must be a whole number`);
    if (compareQuantities(part, all) > 0) return bad(`asked ${part}, the flavor holds ${all}`);
    if (compareQuantities(part, all) === 0 || compareQuantities(part, '0') === 0) continue;
    const { min, step } = cutRule(policy, dimension);
    if (compareQuantities(part, min) < 0) return bad(`asked ${part}, the minimum is ${min}`);
    if (compareQuantities(step, '0') > 0 && !isMultipleOf(part, step)) return bad(`asked ${part}, the step is ${step}`);
  }
  return { ok: true };
}

/** Could anybody take it? What is left of a node without CPU, memory or pods can run nothing. */
export function isSellable(amounts: Amounts, policy: Partitionability): boolean {
  return cutsCleanly(amounts, amounts, policy).ok;
}
