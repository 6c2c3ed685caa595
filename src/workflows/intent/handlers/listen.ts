import { setHandler } from '@temporalio/workflow';
import {
  explainQuery,
  leftoversQuery,
  podsSignal,
  receiptQuery,
  statusQuery,
} from '../../../messages/intent/messages.ts';
import { listenForDrift } from '../../drift.ts';
import type { IntentContext } from '../context.ts';
import { listenForConfirmation } from './confirmation.ts';
import { listenForRenewal } from './renewal.ts';
import { listenForScale } from './scale.ts';

/** Registers everything that an intent can be asked or told. */
export function listen(context: IntentContext): void {
  const { status, saga, cleanup } = context;
  setHandler(statusQuery, () => status.current(), { description: 'Phase, what it waits for, pods, contract' });
  setHandler(explainQuery, () => status.state.decision ?? null, {
    description: 'Every candidate and why it won or lost',
  });
  setHandler(receiptQuery, () => status.state.receipt ?? null, {
    description: 'What was created and how it was read back as gone',
  });
  const over = (): boolean => context.closed && saga.entries().length === 0;
  setHandler(leftoversQuery, () => (over() ? null : { ...context.carry(), cleanup: context.ending }), {
    description: 'What a new run needs to undo the rest; input of `rearflow cleanup`',
  });
  setHandler(podsSignal, (workload) => {
    status.state.workload = workload;
  });
  context.replies.listen();
  context.approval.listen();
  context.earlyTermination.listen(() => context.purchase?.contractID);
  listenForScale(context);
  listenForRenewal(context);
  listenForConfirmation(context);
  listenForDrift(() => status.state.receipt !== undefined && cleanup === undefined);
}
