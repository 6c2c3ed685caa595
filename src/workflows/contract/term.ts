import { condition } from '@temporalio/workflow';
import { everything, formatFraction, termCost } from '../../market/price.ts';
import type { ContractInput, Renewals } from '../../messages/contract/state.ts';
import { renewalLimit, type AddedTerm } from '../../schemas/renewal.ts';

const text = (ms: number): string => new Date(ms).toISOString();

/** The term of a contract: when it ends, and what was added to it. */
export class Term {
  readonly #offer: Pick<ContractInput, 'price' | 'longestTermMs'>;
  readonly #terms: AddedTerm[];
  #end: number;
  /** Terms that could not be signed, and were not taken off yet. */
  readonly #unsigned = new Set<string>();
  /** Latest addendum, and how many terms it says. */
  #signed: { readonly addendum: string; readonly terms: number };

  /** @param firstEnd of a contract that no run before has carried, milliseconds since the epoch */
  constructor({ price, longestTermMs, carried }: ContractInput, firstEnd: number) {
    this.#offer = { price, longestTermMs };
    this.#end = carried?.end ?? firstEnd;
    const { terms = [], addendum = '', signed = 0 } = carried?.renewals ?? {};
    this.#terms = [...terms];
    this.#signed = { addendum, terms: signed };
  }

  /** True once the term, renewals included, has passed. */
  get over(): boolean {
    return this.#end <= Date.now();
  }

  /** Complete while no renewal is under way. */
  get carried(): { readonly end: number; readonly renewals?: Renewals } {
    const { addendum, terms: signed } = this.#signed;
    if (this.#terms.length === 0) return { end: this.#end };
    return { end: this.#end, renewals: { terms: this.#terms, addendum, signed } };
  }

  /** RFC 3339. */
  get expiresAt(): string {
    return text(this.#end);
  }

  /** What was added, signed or not. */
  get added(): readonly AddedTerm[] {
    return this.#terms;
  }

  /** Latest addendum, and how many terms it says. */
  get signed(): { readonly addendum: string; readonly terms: number } {
    return this.#signed;
  }

  /** Where a renewal stands in {@link added}; -1 when it is not there. */
  indexOf(key: string): number {
    return this.#terms.findIndex((each) => each.key === key);
  }

  /** Waits until something has happened, or the term, renewals included, is over. */
  async passed(happened: () => boolean): Promise<void> {
    while (!happened() && this.#end > Date.now()) {
      const end = this.#end;
      await condition(() => happened() || this.#end !== end, end - Date.now(), { summary: 'end of term' });
    }
  }

  /** @returns why not, or undefined when it was added */
  add(key: string, forMs: number): string | undefined {
    const { longestTermMs, price } = this.#offer;
    const until = this.#end + forMs;
    if (until - Date.now() > longestTermMs)
      return `the contract would end later than this seller allows, ${text(Date.now() + longestTermMs)}`;
    if (this.#terms.length >= renewalLimit) return `it was renewed ${String(renewalLimit)} times already`;
    const due = termCost(price, everything, forMs);
    const cost = due.ok
      ? { amount: formatFraction(due.amount), currency: due.currency }
      : { amount: price.amount, currency: price.currency };
    this.#terms.push({ key, from: text(this.#end), until: text(until), price, cost });
    this.#end = until;
    return undefined;
  }

  /** An addendum was signed. @param terms how many it says */
  sign(addendum: string, terms: number): void {
    if (terms > this.#signed.terms) this.#signed = { addendum, terms };
  }

  /**
   * What was not signed does not count, unless it stands in what was added and signed after it.
   *
   * @returns whether the end has moved
   */
  takeOff(key: string): boolean {
    this.#unsigned.add(key);
    const end = this.#end;
    for (const last of this.#terms.slice(this.#signed.terms).reverse()) {
      if (!this.#unsigned.delete(last.key)) break;
      this.#terms.pop();
      this.#end = Date.parse(last.from);
    }
    return this.#end !== end;
  }
}
