import { setHandler } from '@temporalio/workflow';
import { offloadedSignal, offloadingLeftSignal, type OffloadingLeft } from '../../../messages/offloading/messages.ts';
import {
  pairFailedSignal,
  pairLeftSignal,
  pairPartedSignal,
  pairReadySignal,
  type PairLeft,
  type PairReady,
} from '../../../messages/pair/messages.ts';
import { earlierReceipts } from '../../../schemas/read-backs.ts';
import type { SellersWord } from '../../../schemas/receipt.ts';
import { inBackground } from '../../background.ts';

/** What a pair told about one contract. */
export interface PairReplies {
  ready?: PairReady;
  failed?: string;
  parted?: boolean;
  left?: PairLeft;
}

/** What a shared offloading told about one provider. */
export interface OffloadingReplies {
  done?: { readonly failed?: string };
  left?: Omit<OffloadingLeft, 'provider'>;
}

/** Answers of the entities and sellers an intent deals with; what is late for one attempt is not taken for the next one's. */
export class Replies {
  /** Word of sellers that their side is clean, by transaction. */
  readonly #words = new Map<string, SellersWord>();
  #awaited = 0;
  readonly #pairs = new Map<string, PairReplies>();
  readonly #offloadings = new Map<string, OffloadingReplies>();

  /** @param receipts verified ones that a run before was given */
  constructor(receipts: Readonly<Record<string, string>> = {}) {
    this.keep(receipts);
  }

  /** What must outlive this run, as far as one message holds it; the rest is asked for anew. */
  get state(): { readonly receipts?: Readonly<Record<string, string>> } {
    let room = earlierReceipts;
    const kept = [...this.#words].flatMap(([id, word]): [string, string][] => {
      if (word.state !== 'verified' || word.jws.length > room) return [];
      room -= word.jws.length;
      return [[id, word.jws]];
    });
    return kept.length === 0 ? {} : { receipts: Object.fromEntries(kept) };
  }

  /** True while no seller owes a receipt. */
  get idle(): boolean {
    return this.#awaited === 0;
  }

  /** @param receipts verified ones (compact JWS), by transaction */
  keep(receipts: Readonly<Record<string, string>>): void {
    for (const [transaction, jws] of Object.entries(receipts)) this.#words.set(transaction, { state: 'verified', jws });
  }

  /** A seller's word is under way; nothing waits for it but the receipt of the intent. @param word never rejects */
  await(transaction: string, word: Promise<SellersWord>): void {
    this.#awaited += 1;
    inBackground("a seller's receipt", async () => {
      this.#words.set(transaction, await word);
      this.#awaited -= 1;
    });
  }

  /** What a seller said about the contract of a transaction. */
  sellersWord(transaction: string): SellersWord | undefined {
    return this.#words.get(transaction);
  }

  /** @param member contract id */
  pair(member: string): PairReplies {
    return entry(this.#pairs, member);
  }

  /** Its answer to what was asked before does not count any more. */
  forgetPair(member: string): void {
    this.#pairs.delete(member);
  }

  /** @param provider Liqo cluster id */
  offloading(provider: string): OffloadingReplies {
    return entry(this.#offloadings, provider);
  }

  listen(): void {
    setHandler(pairReadySignal, (ready) => {
      this.pair(ready.member).ready = ready;
    });
    setHandler(pairFailedSignal, ({ member, reason }) => {
      this.pair(member).failed = reason;
    });
    setHandler(pairPartedSignal, ({ member }) => {
      this.pair(member).parted = true;
    });
    setHandler(pairLeftSignal, (left) => {
      this.pair(left.member).left = left;
    });
    setHandler(offloadedSignal, ({ provider, ...done }) => {
      this.offloading(provider).done = done;
    });
    setHandler(offloadingLeftSignal, ({ provider, ...left }) => {
      this.offloading(provider).left = left;
    });
  }
}

function entry<T extends object>(map: Map<string, T>, key: string): T {
  const found = map.get(key) ?? ({} as T);
  map.set(key, found);
  return found;
}
