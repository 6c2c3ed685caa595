import { byteLength } from '../schemas/budgets.ts';

/** What a shortlist may hold. */
export interface ShortlistLimits {
  readonly items: number;
  /** Of one seller. */
  readonly ofSeller: number;
  /** Of all of it as JSON. */
  readonly bytes: number;
}

/**
 * The best offers, and room for every seller: they take turns with the best of theirs, so that nobody fills the list
 * with offers that only look good. An offer that no room is left for costs only itself.
 *
 * @param ranked the best first
 * @param sellerOf who offers it, by something that it cannot choose freely
 * @returns the best first
 */
export function shortlist<T>(ranked: readonly T[], sellerOf: (offer: T) => string, limits: ShortlistLimits): T[] {
  const bySeller = new Map<string, T[]>();
  for (const offer of ranked) {
    const seller = sellerOf(offer);
    const own = bySeller.get(seller) ?? [];
    if (own.length < limits.ofSeller) bySeller.set(seller, [...own, offer]);
  }
  const chosen = new Set<T>();
  let bytes = 0;
  for (let turn = 0; turn < limits.ofSeller && chosen.size < limits.items; turn += 1) {
    for (const own of bySeller.values()) {
      const offer = own[turn];
      if (offer === undefined || chosen.size >= limits.items) continue;
      const size = byteLength(offer) + 1;
      if (bytes + size > limits.bytes) continue;
      bytes += size;
      chosen.add(offer);
    }
  }
  return ranked.filter((offer) => chosen.has(offer));
}
