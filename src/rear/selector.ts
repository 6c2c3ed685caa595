import type { ResourceRequest } from '../schemas/request.ts';
import { quantityPattern } from '../schemas/quantity.ts';

export const amountKeys = ['cpu', 'memory', 'pods', 'storage'] as const;
export type AmountKey = (typeof amountKeys)[number];

/** Equal by value, or within inclusive bounds of which at least one is there. Kubernetes quantities. */
export type AmountFilter = { readonly match: string } | { readonly min?: string; readonly max?: string };

export interface K8SliceSelector {
  readonly type: 'k8slice';
  readonly architecture?: string;
  readonly amounts: Readonly<Partial<Record<AmountKey, AmountFilter>>>;
}
export interface ServiceSelector {
  readonly type: 'service';
  readonly category?: string;
  readonly tags?: string;
}
/** What a buyer wants to see of the catalog; `any` = all of it. */
export type Selector = { readonly type: 'any' } | K8SliceSelector | ServiceSelector;

export type ParsedSelector =
  | { readonly ok: true; readonly selector: Selector }
  | { readonly ok: false; readonly field: string; readonly rule: string };

interface Filter {
  readonly key: string;
  readonly name: string;
  readonly kind: 'match' | 'min' | 'max';
  readonly value: string;
}

/**
 * Reads the query of LIST_FLAVORS: `filter[cpu][range][min]=2&filter[architecture][match]=amd64`, brackets escaped or
 * not. Go clients write storage without the word `filter`. The first value of a repeated key counts.
 *
 * @param route flavor type of the path; `any` for `/flavors`, where the keys decide
 * @param query text after `?`
 * @returns the offending key and the rule when a key or a value is not understood (answer 400)
 * @see docs/rear.md 4
 */
export function parseSelector(route: Selector['type'], query: string): ParsedSelector {
  const filters = new Map<string, Filter>();
  for (const [key, value] of new URLSearchParams(query)) {
    const filter = readKey(key, value);
    if (!filter)
      return { ok: false, field: key, rule: 'must be filter[name][match], filter[name][range][min] or [max]' };
    const id = `${filter.name} ${filter.kind}`;
    if (!filters.has(id)) filters.set(id, filter);
  }
  const all = [...filters.values()];
  const type = route === 'any' ? typeOf(all) : route;
  if (type === 'any') return { ok: true, selector: { type } };
  return type === 'service' ? serviceSelector(all) : k8sliceSelector(all);
}

/** What LIST should be asked for a request: bounds that every match satisfies. Answers are filtered again anyway. */
export function selectorFor(request: ResourceRequest): K8SliceSelector {
  const { cpu, memory, pods, storage } = request.resources;
  return {
    type: 'k8slice',
    ...(request.architecture === undefined ? {} : { architecture: request.architecture.toLowerCase() }),
    amounts: {
      cpu: { min: cpu },
      memory: { min: memory },
      pods: { min: pods },
      ...(storage === undefined ? {} : { storage: { min: storage } }),
    },
  };
}

/**
 * Writes a selector as a query, percent-encoded, without `?`.
 *
 * @param dialect `fluidos` leaves storage out: a Go seller closes the connection when one flavor declares none
 */
export function encodeSelector(selector: Selector, dialect: 'rearflow' | 'fluidos'): string {
  const query = new URLSearchParams();
  if (selector.type === 'service') {
    if (selector.category !== undefined) query.set('filter[category][match]', selector.category);
    if (selector.tags !== undefined) query.set('filter[tags][match]', selector.tags);
  }
  if (selector.type === 'k8slice') {
    if (selector.architecture !== undefined) query.set('filter[architecture][match]', selector.architecture);
    for (const name of amountKeys) {
      const filter = selector.amounts[name];
      if (filter === undefined || (name === 'storage' && dialect === 'fluidos')) continue;
      if ('match' in filter) query.set(`filter[${name}][match]`, filter.match);
      else {
        if (filter.min !== undefined) query.set(`filter[${name}][range][min]`, filter.min);
        if (filter.max !== undefined) query.set(`filter[${name}][range][max]`, filter.max);
      }
    }
  }
  return query.toString();
}

function readKey(key: string, value: string): Filter | undefined {
  const [, prefix, name = '', kind, bound] =
    /^(filter)?\[([a-z]+)\]\[(match|range)\](?:\[(min|max)\])?$/.exec(key) ?? [];
  if (name === '' || (prefix === undefined && name !== 'storage')) return undefined;
  if (kind === 'match') return bound === undefined ? { key, name, kind, value } : undefined;
  return bound === 'min' || bound === 'max' ? { key, name, kind: bound, value } : undefined;
}

/** On `/flavors` the keys say what is looked for; a mixture is refused by the key that does not belong. */
function typeOf(filters: readonly Filter[]): Selector['type'] {
  const [first] = filters;
  if (!first) return 'any';
  return first.name === 'category' || first.name === 'tags' ? 'service' : 'k8slice';
}

function serviceSelector(filters: readonly Filter[]): ParsedSelector {
  const selector: { -readonly [K in keyof ServiceSelector]: ServiceSelector[K] } = { type: 'service' };
  for (const { key, name, kind, value } of filters) {
    if (name !== 'category' && name !== 'tags') return unknownKey(key, 'category, tags');
    if (kind !== 'match') return { ok: false, field: key, rule: `${name} can only be matched exactly` };
    selector[name] = value;
  }
  return { ok: true, selector };
}

function k8sliceSelector(filters: readonly Filter[]): ParsedSelector {
  const amounts: Partial<Record<AmountKey, AmountFilter>> = {};
  let architecture: string | undefined;
  for (const { key, name, kind, value } of filters) {
    if (name === 'architecture') {
      if (kind !== 'match') return { ok: false, field: key, rule: 'architecture can only be matched exactly' };
      architecture = value;
      continue;
    }
    const amount = amountKeys.find((each) => each === name);
    if (amount === undefined) return unknownKey(key, `architecture, ${amountKeys.join(', ')}`);
    if (value.length > 64 || !quantityPattern.test(value)) {
      return { ok: false, field: key, rule: 'must be a Kubernetes quantity such as 500m, 2 or 4Gi' };
    }
    const before = amounts[amount];
    if (before !== undefined && (kind === 'match' || 'match' in before)) {
      return { ok: false, field: key, rule: 'match and range exclude each other' };
    }
    amounts[amount] = kind === 'match' ? { match: value } : { ...before, [kind]: value };
  }
  return { ok: true, selector: { type: 'k8slice', amounts, ...(architecture === undefined ? {} : { architecture }) } };
}

function unknownKey(field: string, known: string): ParsedSelector {
  return { ok: false, field, rule: `unknown filter; known are ${known}` };
}
