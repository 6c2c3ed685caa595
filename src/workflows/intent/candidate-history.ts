import type { Candidate } from '../../messages/intent/candidate.ts';
import type { CandidateHistoryState } from '../../messages/intent/state.ts';

/** A seller that let an intent down this often is not asked by it any more. */
const patience = 2;
/** Most offers that are remembered, so that what is learned stays far below what a workflow carries. */
const longestMemory = 200;

/** What one intent has learned about offers and sellers; nothing of it outlives the intent. */
export class CandidateHistory {
  readonly #tried: Set<string>;
  readonly #asked: Map<string, number>;
  readonly #letDowns: Map<string, number>;

  constructor({ tried, asked, letDowns }: CandidateHistoryState = { tried: [], asked: [], letDowns: [] }) {
    this.#tried = new Set(tried);
    this.#asked = new Map(asked);
    this.#letDowns = new Map(letDowns);
  }

  get state(): CandidateHistoryState {
    return { tried: [...this.#tried], asked: [...this.#asked], letDowns: [...this.#letDowns] };
  }

  /** The flavor is asked for. @returns how often its id was asked for before, of whomever */
  ask(candidate: Candidate): number {
    const { flavorID } = candidate.flavor;
    const before = this.#asked.get(flavorID) ?? 0;
    this.#asked.delete(flavorID);
    this.#asked.set(flavorID, before + 1);
    this.#tried.add(offerOf(candidate));
    forgetOldest(this.#asked);
    forgetOldest(this.#tried);
    return before;
  }

  /** It was not to be had for a reason that may pass: a later round may ask again. */
  spare(candidate: Candidate): void {
    this.#tried.delete(offerOf(candidate));
  }

  /**
   * A seller took the money and did not deliver. What it offers next has another flavor id, so the seller is remembered.
   *
   * @param endpoint of the seller
   * @param forGood nothing of it is worth trying again
   */
  letDown(endpoint: string, forGood: boolean): void {
    this.#letDowns.set(endpoint, forGood ? patience : this.#countOf(endpoint) + 1);
  }

  /** Is it worth asking for? */
  allows(candidate: Candidate): boolean {
    return !this.#tried.has(offerOf(candidate)) && this.#countOf(candidate.endpoint) < patience;
  }

  /** The same order, but sellers that let the intent down come after those who did not. */
  order<T extends Candidate>(ranked: readonly T[]): T[] {
    return ranked.toSorted((a, b) => this.#countOf(a.endpoint) - this.#countOf(b.endpoint));
  }

  #countOf(endpoint: string): number {
    return this.#letDowns.get(endpoint) ?? 0;
  }
}

/** Sellers may refuse ever new offers for a day: what was learned longest ago makes room. */
function forgetOldest(remembered: Map<string, unknown> | Set<string>): void {
  if (remembered.size > longestMemory) remembered.delete(remembered.keys().next().value ?? '');
}

const offerOf = ({ endpoint, flavor }: Candidate): string => `${endpoint} ${flavor.flavorID}`;
