import { setHandler } from '@temporalio/workflow';
import { contractStatusQuery } from '../../../messages/contract/messages.ts';
import { listenForDrift } from '../../drift.ts';
import type { ContractContext } from '../context.ts';
import { listenForRenewal } from './renewal.ts';

/** Registers everything that a contract can be asked or told. */
export function listen(context: ContractContext): void {
  const { input, term, replies } = context;
  listenForRenewal(context);
  replies.listen();
  listenForDrift(() => context.phase === 'Ended');
  setHandler(
    contractStatusQuery,
    () => ({ phase: context.phase, expiresAt: term.expiresAt, buyer: input.sale.buyer.ID }),
    { description: 'Phase, end of term and buyer' },
  );
}
