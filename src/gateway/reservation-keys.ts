import { originHashOf } from '../workflows/inventory/messages.ts';

/** Most keys that are remembered; the oldest are forgotten. */
const remembered = 10_000;

const id = /[0-9a-f]{10}-[0-9a-f]{22}-\d{16,20}/;

/** Where keys of reservations belong, so that a release asks no inventory that it does not concern. */
export interface ReservationKeys {
  /** A reservation with this key goes to this origin. @returns false when the key was released before */
  use(key: string, originHash: string): boolean;
  /**
   * @param plain the Idempotency-Key itself: one that holds the flavor's id tells its origin by that
   * @returns undefined for a key that was not seen here
   */
  originOf(key: string, plain: string): string | undefined;
  /** A key that no inventory is told of buys nothing here from now on. */
  bar(key: string): void;
  /** Was a reservation with this key seen here? */
  seen(key: string): boolean;
}

export function openReservationKeys(): ReservationKeys {
  const origins = new Map<string, string>();
  const released = new Map<string, true>();

  function remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    if (map.size > remembered) map.delete(map.keys().next().value ?? '');
  }

  return {
    use(key, originHash) {
      if (released.has(key)) return false;
      remember(origins, key, originHash);
      return true;
    },
    originOf: (key, plain) => originHashOf(id.exec(plain)?.[0] ?? '') ?? origins.get(key),
    bar: (key) => remember(released, key, true),
    seen: (key) => origins.has(key),
  };
}
