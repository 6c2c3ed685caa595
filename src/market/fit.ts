import type { ResourceRequest } from '../schemas/request.ts';
import type { Characteristics, K8SliceConfiguration, Partitionability } from '../schemas/wire.ts';
import { cutRule } from './partition.ts';
import { formatQuantity, isZero, parseQuantity } from './quantity.ts';

const unit = 1_000_000_000n;

export type FitDimension = 'cpu' | 'memory' | 'pods' | 'storage' | 'gpu';
export interface Misfit {
  readonly dimension: FitDimension;
  readonly wanted: string;
  readonly offered: string;
  /** Share of the wanted amount that is missing, 0 to 1. */
  readonly missing: number;
}

/** A sale of nothing is refused by every seller, so an intent that asks for 0 gets the least there is. */
const least = { cpu: '1m', memory: '1Mi', pods: '1' } as const;

/**
 * The smallest part of `whole` that holds `asked` and that the seller's policy lets be cut: at least `min`, a whole
 * multiple of `step`, or all of it.
 *
 * @returns undefined when `asked` is more than `whole`
 */
export function smallestPart(asked: string, whole: string, rule: { min: string; step: string }): string | undefined {
  const want = parseQuantity(asked);
  const all = parseQuantity(whole);
  if (want.nano > all.nano) return undefined;
  const min = parseQuantity(rule.min).nano;
  const step = parseQuantity(rule.step).nano;
  const floor = want.nano > min ? want.nano : min;
  const part = step > 0n ? ceilDiv(floor, step) * step : floor;
  return part >= all.nano ? formatQuantity(all) : formatQuantity({ nano: part, format: want.format });
}

/**
 * The smallest configuration of a flavor that satisfies the asked resources, and every dimension that falls short.
 *
 * Pods are whole numbers. GPU memory that is not asked for comes in proportion to the cores, so that whoever takes all
 * cores leaves no orphaned memory.
 */
export function fit(
  asked: ResourceRequest['resources'],
  offered: Characteristics,
  policy: Partitionability,
): { readonly configuration: K8SliceConfiguration | undefined; readonly misfits: readonly Misfit[] } {
  const misfits: Misfit[] = [];
  const part = (dimension: 'cpu' | 'memory' | 'pods' | 'storage', wanted: string, whole: string): string => {
    const found = smallestPart(wanted, whole, wholePods(dimension, cutRule(policy, dimension)));
    if (found === undefined) misfits.push(shortfall(dimension, wanted, whole));
    return found ?? '0';
  };
  const nonZero = (dimension: keyof typeof least): string =>
    isZero(asked[dimension]) ? least[dimension] : asked[dimension];

  const configuration: K8SliceConfiguration = {
    cpu: part('cpu', nonZero('cpu'), offered.cpu),
    memory: part('memory', nonZero('memory'), offered.memory),
    pods: part('pods', nonZero('pods'), offered.pods),
  };
  if (asked.storage !== undefined && !isZero(asked.storage)) {
    configuration.storage = part('storage', asked.storage, offered.storage ?? '0');
  }
  if (asked.gpu !== undefined) {
    const gpu = fitGpu(asked.gpu, offered.gpu);
    if ('dimension' in gpu) misfits.push(gpu);
    else configuration.gpu = gpu;
  }
  return { configuration: misfits.length === 0 ? configuration : undefined, misfits };
}

type GpuAsked = NonNullable<ResourceRequest['resources']['gpu']>;
type GpuPart = NonNullable<K8SliceConfiguration['gpu']>;

function fitGpu(asked: GpuAsked, offered: Characteristics['gpu']): GpuPart | Misfit {
  const { model, cores, memory } = offered ?? { model: '', cores: '0', memory: '0' };
  const wanted = [asked.model, asked.cores, asked.memory].filter((text) => text !== undefined).join(' ');
  const misfit = (missing: number): Misfit => ({
    dimension: 'gpu',
    wanted,
    offered: isZero(cores) ? 'none' : [model, cores, memory].filter((text) => text !== '').join(' '),
    missing,
  });
  if (asked.model !== undefined && asked.model !== model) return misfit(1);
  const anywhere = { min: '0', step: '0' };
  const someCores = smallestPart(asked.cores, cores, anywhere);
  if (someCores === undefined) return misfit(shortfall('gpu', asked.cores, cores).missing);
  const need = asked.memory ?? inProportion(memory, someCores, cores);
  const someMemory = smallestPart(need, memory, anywhere);
  if (someMemory === undefined) return misfit(shortfall('gpu', need, memory).missing);
  return { model, cores: someCores, memory: someMemory };
}

function inProportion(memory: string, part: string, whole: string): string {
  const all = parseQuantity(whole).nano;
  const { nano, format } = parseQuantity(memory);
  if (all <= 0n || nano <= 0n) return '0';
  const exact = ceilDiv(nano * parseQuantity(part).nano, all);
  const rounded = ceilDiv(exact, unit) * unit;
  return formatQuantity({ nano: rounded > nano ? nano : rounded, format });
}

function shortfall(dimension: FitDimension, wanted: string, offered: string): Misfit {
  const want = parseQuantity(wanted).nano;
  const have = parseQuantity(offered).nano;
  const left = want - (have > 0n ? have : 0n);
  const missing = want <= 0n ? 1 : Number((left * 1_000_000n) / want) / 1_000_000;
  return { dimension, wanted, offered, missing };
}

function wholePods(dimension: string, rule: { min: string; step: string }): { min: string; step: string } {
  return dimension === 'pods' && isZero(rule.step) ? { ...rule, step: '1' } : rule;
}

function ceilDiv(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
