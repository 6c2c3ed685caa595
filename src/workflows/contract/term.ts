import { condition, proxyActivities, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { writing } from '../activity-options.ts';
import type { ContractLifeActivities } from '../../activities/contract/life.ts';
import { everything, formatFraction, termCost } from '../../market/price.ts';
import { renewalLimit, type AddedTerm } from '../../schemas/renewal.ts';
import type { Price } from '../../schemas/wire.ts';
import { expiresAtKey } from '../../messages/search-attributes.ts';
import type { Renewals } from '../../messages/contract/state.ts';
import { renewUpdate, type RenewalAnswer, type RenewalOrder } from '../../messages/contract/messages.ts';

const { signRenewal } = proxyActivities<ContractLifeActivities>(writing);

export interface TermDeps {
  readonly contractID: string;
  /** First end of the contract, milliseconds since the epoch. */
  readonly end: number;
  /** What is renewed may never end later than that from now on, milliseconds. */
  readonly longestMs: number;
  readonly price: Price;
  revision(): number;
  /** Why nothing can be added now, or undefined. */
  refusal(): string | undefined;
  /** What was added in a run before. */
  readonly renewals?: Renewals;
  /** Called when the end has moved. */
  moved(): void;
}

const text = (ms: number): string => new Date(ms).toISOString();

/** The term of a contract: when it ends, and what was added to it. */
export class Term {
  readonly #deps: TermDeps;
  readonly #terms: AddedTerm[];
  #end: number;
  /** Terms that could not be signed, and were not taken off yet. */
  readonly #unsigned = new Set<string>();
  /** Latest addendum, and how many terms it says. */
  #signed: { readonly addendum: string; readonly terms: number };

  constructor(deps: TermDeps) {
    this.#deps = deps;
    this.#end = deps.end;
    const { terms = [], addendum = '', signed = 0 } = deps.renewals ?? {};
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

  /** Registers the update `renew`: the same key twice is one renewal. */
  listen(): void {
    setHandler(renewUpdate, (order) => this.#renew(order), { description: 'Adds time to the contract' });
  }

  /** Waits until something has happened, or the term, renewals included, is over. */
  async passed(happened: () => boolean): Promise<void> {
    while (!happened() && this.#end > Date.now()) {
      const end = this.#end;
      await condition(() => happened() || this.#end !== end, end - Date.now(), { summary: 'end of term' });
    }
  }

  async #renew({ key, forMs }: RenewalOrder): Promise<RenewalAnswer> {
    const known = this.#terms.findIndex((each) => each.key === key);
    const { contractID, revision } = this.#deps;
    if (known < 0) {
      const reason = this.#add(key, forMs);
      if (reason !== undefined) return { ok: false, reason };
      const terms = [...this.#terms];
      const signing = { contractID, terms, revision: revision() };
      const answer = await signRenewal
        .executeWithOptions({ summary: `renewed until ${this.expiresAt}` }, [signing])
        .catch((error: unknown) => {
          this.#takeOff(key);
          throw error;
        });
      if ('refused' in answer) {
        this.#takeOff(key);
        return { ok: false, reason: answer.refused };
      }
      if (terms.length > this.#signed.terms) this.#signed = { addendum: answer.addendum, terms: terms.length };
    }
    const index = known < 0 ? this.#terms.findIndex((each) => each.key === key) : known;
    await condition(() => this.#signed.terms > index || this.#terms[index]?.key !== key);
    const added = this.#terms[index];
    if (added?.key !== key) return { ok: false, reason: 'it could not be signed' };
    const { until, cost } = added;
    return { ok: true, expirationTime: until, addendum: this.#signed.addendum, cost };
  }

  /** What was not signed does not count, unless it stands in what was added and signed after it. */
  #takeOff(key: string): void {
    this.#unsigned.add(key);
    const end = this.#end;
    for (const last of this.#terms.slice(this.#signed.terms).reverse()) {
      if (!this.#unsigned.delete(last.key)) break;
      this.#terms.pop();
      this.#end = Date.parse(last.from);
    }
    if (this.#end === end) return;
    upsertSearchAttributes([{ key: expiresAtKey, value: new Date(this.#end) }]);
    this.#deps.moved();
  }

  /** @returns why not, or undefined when it was added */
  #add(key: string, forMs: number): string | undefined {
    const { longestMs, price } = this.#deps;
    const refused = this.#deps.refusal();
    if (refused !== undefined) return refused;
    const until = this.#end + forMs;
    if (until - Date.now() > longestMs)
      return `the contract would end later than this seller allows, ${text(Date.now() + longestMs)}`;
    if (this.#terms.length >= renewalLimit) return `it was renewed ${String(renewalLimit)} times already`;
    const due = termCost(price, everything, forMs);
    const cost = due.ok
      ? { amount: formatFraction(due.amount), currency: due.currency }
      : { amount: price.amount, currency: price.currency };
    this.#terms.push({ key, from: text(this.#end), until: text(until), price, cost });
    this.#end = until;
    upsertSearchAttributes([{ key: expiresAtKey, value: new Date(until) }]);
    this.#deps.moved();
    return undefined;
  }
}
