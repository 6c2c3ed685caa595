import { addQuantities, compareQuantities, parseQuantity } from '../quantity.ts';
import { containersIn, type Plain, type PodProblem } from './check-fields.ts';
import { podRequests, resourcesIn, type ResourceList } from './requests.ts';

/** How many times its request a container's limit may be. */
export interface LimitFactors {
  readonly cpu: number;
  readonly memory: number;
}

/** What every container has to state. */
export const statedResources = ['cpu', 'memory'] as const;

/** A thousandth of a factor is as fine as it gets. */
const perUnit = 1000n;

function amounts(container: Plain): { readonly requests: ResourceList; readonly limits: ResourceList } {
  const { requests, limits } = (container['resources'] ?? {}) as Plain;
  return { requests: resourcesIn(requests), limits: resourcesIn(limits) };
}

function containerProblem(container: Plain, field: string, factors: LimitFactors): PodProblem | undefined {
  const { requests, limits } = amounts(container);
  for (const name of statedResources) {
    const request = requests[name];
    const limit = limits[name];
    if (request === undefined || compareQuantities(request, '0') <= 0)
      return {
        field: `${field}.resources.requests`,
        rule: 'must name cpu and memory: the seller refuses pods without',
      };
    if (limit === undefined || compareQuantities(limit, '0') <= 0)
      return { field: `${field}.resources.limits`, rule: 'must name cpu and memory: the seller refuses pods without' };
    const most = parseQuantity(request).nano * BigInt(Math.round(factors[name] * Number(perUnit)));
    if (parseQuantity(limit).nano * perUnit > most) {
      const rule = `is ${limit}, more than ${String(factors[name])} times the request of ${request}`;
      return { field: `${field}.resources.limits.${name}`, rule };
    }
  }
  return undefined;
}

/** @returns the first container that leaves out what it may use, or whose limit is too far above its request */
export function limitProblem(spec: Plain, factors: LimitFactors): PodProblem | undefined {
  for (const { field, container } of containersIn(spec)) {
    const problem = containerProblem(container, field, factors);
    if (problem) return problem;
  }
  return undefined;
}

/** cpu and memory as requested; of anything else a container may use its limit without asking. */
function countedOf(container: Plain): ResourceList {
  const { requests, limits } = amounts(container);
  const { cpu, memory, ...others } = limits;
  const stated = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }), ...requests };
  return { ...stated, ...others };
}

/** @returns the first resource of which one pod takes more than the contract holds, or which it does not hold at all */
export function sumProblem(spec: Plain, contract: ResourceList): PodProblem | undefined {
  const taken = podRequests({ spec }, countedOf);
  for (const [name, amount] of Object.entries(taken)) {
    const held = contract[name] ?? '0';
    if (compareQuantities(amount, held) > 0)
      return {
        field: 'containers',
        rule: `ask for ${amount} of ${name}, but the contract holds ${addQuantities(held, '0')}`,
      };
  }
  return undefined;
}
