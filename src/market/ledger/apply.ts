import type { Refusal } from './gone.ts';
import { purchase, type PurchaseAnswer, type PurchaseCommand } from './purchase.ts';
import { settle } from './queue.ts';
import { leave, release } from './release.ts';
import { reserve, type ReserveAnswer, type ReserveCommand } from './reserve.ts';
import type { Ledger, Mint } from './state.ts';

export type ReleaseCommand =
  { readonly kind: 'release'; readonly key: string } | { readonly kind: 'release'; readonly transactionID: string };

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

function apply(ledger: Ledger, command: Command, mint: Mint): [Ledger, Answer] {
  switch (command.kind) {
    case 'reserve':
      return reserve(ledger, command, mint);
    case 'purchase':
      return purchase(ledger, command, mint);
    case 'release':
      return [release(ledger, command), { ok: true }];
    case 'leave':
      return [leave(ledger, command.key), { ok: true }];
  }
}
