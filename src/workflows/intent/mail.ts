import { setHandler } from '@temporalio/workflow';
import { offloadedSignal, offloadingLeftSignal, type OffloadingLeft } from '../offloading/messages.ts';
import {
  pairFailedSignal,
  pairLeftSignal,
  pairPartedSignal,
  pairReadySignal,
  type PairLeft,
  type PairReady,
} from '../pair/messages.ts';

/** What a pair told about one contract. */
export interface PairNews {
  ready?: PairReady;
  failed?: string;
  parted?: boolean;
  left?: PairLeft;
}

/** What a shared offloading told about one provider. */
export interface OffloadingNews {
  done?: { readonly failed?: string };
  left?: Omit<OffloadingLeft, 'provider'>;
}

/** Answers of the entities and sellers an intent deals with; what is late for one attempt is not taken for the next one's. */
export class Mail {
  /** Signed word of sellers that their side is clean, by transaction. */
  readonly sellersReceipts: Map<string, string>;
  readonly #pairs = new Map<string, PairNews>();
  readonly #offloadings = new Map<string, OffloadingNews>();

  /** @param receipts what sellers said to a run before */
  constructor(receipts: Readonly<Record<string, string>> = {}) {
    this.sellersReceipts = new Map(Object.entries(receipts));
  }

  /** What must outlive this run; the rest is asked for anew. */
  get state(): { readonly receipts?: Readonly<Record<string, string>> } {
    return this.sellersReceipts.size === 0 ? {} : { receipts: Object.fromEntries(this.sellersReceipts) };
  }

  /** @param member contract id */
  pair(member: string): PairNews {
    return entry(this.#pairs, member);
  }

  /** Its answer to what was asked before does not count any more. */
  forgetPair(member: string): void {
    this.#pairs.delete(member);
  }

  /** @param provider Liqo cluster id */
  offloading(provider: string): OffloadingNews {
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
