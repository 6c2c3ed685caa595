import type { Flavor } from '../schemas/wire.ts';
import { parseQuantity } from '../market/quantity.ts';
import { amountKeys, type AmountFilter, type Selector } from './selector.ts';

/**
 * Does a flavor satisfy the selector of a LIST? Availability is not looked at: a catalog holds only what is on offer.
 *
 * A flavor without storage satisfies no storage filter; `min` above `max` is satisfied by nothing.
 */
export function selects(selector: Selector, flavor: Flavor): boolean {
  const { type } = flavor;
  switch (selector.type) {
    case 'any':
      return type.name === 'k8slice' || type.name === 'service';
    case 'service': {
      if (type.name !== 'service') return false;
      const { category, tags } = selector;
      return (category === undefined || type.data.category === category) && hasTag(type.data.tags, tags);
    }
    case 'k8slice': {
      if (type.name !== 'k8slice') return false;
      const { characteristics } = type.data;
      if (selector.architecture !== undefined && characteristics.architecture !== selector.architecture) return false;
      return amountKeys.every((key) => {
        const filter = selector.amounts[key];
        return filter === undefined || satisfies(characteristics[key], filter);
      });
    }
  }
}

function hasTag(tags: readonly string[] | null | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || (tags ?? []).includes(wanted);
}

function satisfies(offered: string | undefined, filter: AmountFilter): boolean {
  if (offered === undefined) return false;
  const { nano } = parseQuantity(offered);
  if ('match' in filter) return nano === parseQuantity(filter.match).nano;
  if (filter.min !== undefined && nano < parseQuantity(filter.min).nano) return false;
  return filter.max === undefined || nano <= parseQuantity(filter.max).nano;
}
