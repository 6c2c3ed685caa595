import type { Flavor } from '../../schemas/wire.ts';

/** Ids that a rearflow seller mints for flavors and transactions: hash of the origin, chance, nanoseconds. */
export const originId = /^([0-9a-f]{10})-[0-9a-f]{22}-\d{16,20}$/;

/** Whether an offer comes from a seller that signs what it sells: FLUIDOS sellers mark nothing, and sign nothing. */
export function isMarked({ flavorID, expirationTime }: Pick<Flavor, 'flavorID' | 'expirationTime'>): boolean {
  return expirationTime !== undefined || originId.test(flavorID);
}
