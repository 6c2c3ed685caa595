import { defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';

/** Carries on in a fresh run with the whole state; for tests and operators, happens by itself on long histories. */
export const rolloverSignal = defineSignal('rollover');

/** @returns whether a fresh run should carry on, because somebody asked or the history has become long */
export function listenForRollover(): () => boolean {
  let asked = false;
  setHandler(rolloverSignal, () => {
    asked = true;
  });
  return () => asked || workflowInfo().continueAsNewSuggested;
}
