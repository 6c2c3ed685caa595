import { TokenBucket } from './token-bucket.ts';

/** Most callers that are remembered; whoever was heard of longest ago is forgotten, and begins anew. */
const remembered = 10_000;

/** A token bucket for each caller. */
export class Buckets {
  readonly #perSecond: number;
  readonly #most: number;
  readonly #of = new Map<string, TokenBucket>();

  /** @param most how many each may take at once */
  constructor(perSecond: number, most: number) {
    this.#perSecond = perSecond;
    this.#most = most;
  }

  /** @returns 0 when one was taken, else how long until there is one, milliseconds */
  take(caller: string): number {
    const bucket = this.#of.get(caller) ?? new TokenBucket(this.#perSecond, this.#most);
    this.#of.delete(caller);
    this.#of.set(caller, bucket);
    if (this.#of.size > remembered) this.#of.delete(this.#of.keys().next().value ?? '');
    return bucket.take();
  }
}
