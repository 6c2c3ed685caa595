import { isSomebodyElse, purchase, type PurchaseAnswer, type PurchaseCommand } from './purchase.ts';
import { settle } from './queue.ts';
import type { Refusal } from './refusal.ts';
import { leave, release } from './release.ts';
import type { ReserveCommand } from './reserve-command.ts';
import { reserve } from './reserve.ts';
import { sizeOf } from './room.ts';
import type { Ledger, Mint } from './state.ts';
import type { ReserveAnswer } from './reserve-answer.ts';

export type ReleaseCommand =
  | { readonly kind: 'release'; readonly key: string }
  /** `callerKey`: Idempotency-Key of the caller. */
  | { readonly kind: 'release'; readonly transactionID: string; readonly callerKey?: string };

/** The caller hung up. */
export interface LeaveCommand {
  readonly kind: 'leave';
  readonly key: string;
}

export type Command = ReserveCommand | PurchaseCommand | ReleaseCommand | LeaveCommand;
export type Answer = ReserveAnswer | PurchaseAnswer | { readonly ok: true } | Refusal;

/**
 * One command of a buyer against the ledger: the next ledger and the answer. Pure. Whoever waited for what the command
 * freed or took is decided at once.
 */
export function applyCommand(ledger: Ledger, command: Command, mint: Mint): [Ledger, Answer] {
  const [next, answer] = apply(ledger, command, mint);
  return [next === ledger ? ledger : settle(next, mint), answer];
}

/** Bytes of the answers to one batch of commands. */
const answersRoom = 112 * 1024;

/**
 * A batch of commands, in their order. One that cannot be understood costs itself only; when the answers have become too
 * many, what would only add to them is refused and may be sent again.
 */
export function applyAll(before: Ledger, commands: readonly Command[], mint: Mint): [Ledger, readonly Answer[]] {
  let ledger = before;
  let bytes = 0;
  const answers = commands.map((command) => {
    const answer = bytes > answersRoom && isLong(command) ? tooMuch : once(command);
    bytes += sizeOf(answer);
    return answer;
  });
  return [ledger, answers];

  function once(command: Command): Answer {
    try {
      const [next, answer] = applyCommand(ledger, command, mint);
      ledger = next;
      return answer;
    } catch (error) {
      const detail = `the command failed: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300);
      return { ok: false, code: 'NotReady', detail, successors: [] };
    }
  }
}

const isLong = ({ kind }: Command): boolean => kind === 'reserve' || kind === 'purchase';
const tooMuch: Answer = {
  ok: false,
  code: 'TooMany',
  detail: 'too much was asked of this offer at once',
  successors: [],
};

function apply(ledger: Ledger, command: Command, mint: Mint): [Ledger, Answer] {
  switch (command.kind) {
    case 'reserve':
      return reserve(ledger, command, mint);
    case 'purchase':
      return purchase(ledger, command, mint);
    case 'release':
      return releaseHis(ledger, command);
    case 'leave':
      return [leave(ledger, command.key), { ok: true }];
  }
}

function releaseHis(ledger: Ledger, command: ReleaseCommand): [Ledger, Answer] {
  if ('key' in command) return [release(ledger, command), { ok: true }];
  const sale = ledger.sales.find(({ transactionID }) => transactionID === command.transactionID);
  if (sale && isSomebodyElse(sale, command.callerKey)) {
    const detail = 'the Idempotency-Key is not that of the reservation';
    return [ledger, { ok: false, code: 'NotYours', detail, successors: [] }];
  }
  return [release(ledger, command), { ok: true }];
}
