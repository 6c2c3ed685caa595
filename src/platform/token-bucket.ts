/** Tokens that come back with time: whoever finds none has to wait. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #most: number;
  #tokens: number;
  #at = performance.now();

  /** @param most how many may be taken at once */
  constructor(perSecond: number, most: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#tokens = most;
  }

  /** @returns 0 when one was taken, else how long until there is one, milliseconds */
  take(): number {
    const now = performance.now();
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return ((1 - this.#tokens) / this.#perSecond) * 1_000;
    this.#tokens -= 1;
    return 0;
  }
}
