import type { Refusal } from './gone.ts';
import { purchase, type PurchaseAnswer, type PurchaseCommand } from './purchase.ts';
import { release } from './release.ts';
import { reserve, type ReserveAnswer, type ReserveCommand } from './reserve.ts';
import type { Ledger, Mint } from './state.ts';

export type ReleaseCommand =
  { readonly kind: 'release'; readonly key: string } | { readonly kind: 'release'; readonly transactionID: string };

export type Command = ReserveCommand | PurchaseCommand | ReleaseCommand;
export type Answer = ReserveAnswer | PurchaseAnswer | { readonly ok: true } | Refusal;

/** One command of a buyer against the ledger: the next ledger and the answer. Pure. */
export function applyCommand(ledger: Ledger, command: Command, mint: Mint): [Ledger, Answer] {
  switch (command.kind) {
    case 'reserve':
      return reserve(ledger, command, mint);
    case 'purchase':
      return purchase(ledger, command, mint);
    case 'release':
      return [release(ledger, command), { ok: true }];
  }
}
