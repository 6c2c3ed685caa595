import { originHashOf } from '../messages/inventory/messages.ts';

/** Most keys of a kind that are remembered; the oldest are forgotten. */
const remembered = 10_000;

const id = /[0-9a-f]{10}-[0-9a-f]{22}-\d{16,20}/;

/** What became of a reservation: a hold, a place in a queue that outlives the call, or nothing. */
export type Became = 'held' | 'placed' | 'nothing';

/** Where keys of reservations belong, so that a release asks no inventory that it does not concern. */
export interface ReservationKeys {
  /**
   * A reservation with this key is under way to this origin. What became of nothing is not remembered: refused
   * reservations cost nothing, and a flood of them must not push out the keys of those who hold something.
   *
   * @returns to be called when it is answered; undefined when the key was released before
   */
  begin(key: string, originHash: string): ((became: Became) => void) | undefined;
  /**
   * @param plain the Idempotency-Key itself: one that holds the flavor's id tells its origin by that
   * @returns undefined for a key that was not seen here
   */
  originOf(key: string, plain: string): string | undefined;
  /** A key that no inventory is told of buys nothing here from now on. */
  bar(key: string): void;
  /** Its inventory was told that it is released. */
  forget(key: string): void;
  /** Did a reservation with this key become something here, or is one under way? */
  seen(key: string): boolean;
}

export function openReservationKeys(): ReservationKeys {
  const [held, placed] = [new Map<string, string>(), new Map<string, string>()];
  const underWay = new Map<string, { readonly originHash: string; calls: number }>();
  const released = new Map<string, true>();

  function remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    if (map.size > remembered) map.delete(map.keys().next().value ?? '');
  }

  const known = (key: string): string | undefined => underWay.get(key)?.originHash ?? held.get(key) ?? placed.get(key);

  return {
    begin(key, originHash) {
      if (released.has(key)) return undefined;
      const call = underWay.get(key) ?? { originHash, calls: 0 };
      underWay.set(key, call);
      call.calls += 1;
      return (became) => {
        call.calls -= 1;
        if (call.calls === 0) underWay.delete(key);
        if (became !== 'nothing') remember(became === 'held' ? held : placed, key, originHash);
      };
    },
    originOf: (key, plain) => originHashOf(id.exec(plain)?.[0] ?? '') ?? known(key),
    bar: (key) => remember(released, key, true),
    forget(key) {
      held.delete(key);
      placed.delete(key);
    },
    seen: (key) => known(key) !== undefined,
  };
}
