import { dice } from '../../harness/support/dice.ts';

/** Random decisions that a seed repeats. */
export class Chance {
  /** At least 0, less than 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = dice(seed);
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** A whole number: at least 0, less than `end`. */
  int(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** @param share of the times that it is true */
  happens(share: number): boolean {
    return this.next() < share;
  }

  one<const T>(of: readonly [T, ...T[]]): T {
    return of[this.int(of.length)] ?? of[0];
  }

  /** One of a list that is known to have some. */
  among<T>(of: readonly T[]): T {
    const chosen = of[this.int(of.length)];
    if (chosen === undefined && of.length === 0) throw new RangeError('nothing to choose from');
    return chosen as T;
  }
}
