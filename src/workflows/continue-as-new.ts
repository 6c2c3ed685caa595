import { defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';

/** Carries on in a fresh run with the whole state; for tests and operators, happens by itself on long histories. */
export const continueAsNewSignal = defineSignal('rollover');

/** @returns whether a fresh run should carry on, because somebody asked or the history has become long */
export function listenForContinueAsNew(): () => boolean {
  let asked = false;
  setHandler(continueAsNewSignal, () => {
    asked = true;
  });
  return () => asked || workflowInfo().continueAsNewSuggested;
}
