import { sleep } from '@temporalio/workflow';
import { contract as soundContract } from '../../src/workflows/contract/workflow.ts';
import type { ContractInput } from '../../src/messages/contract/state.ts';
import { intent as soundIntent } from '../../src/workflows/intent/workflow.ts';
import { pair as soundPair } from '../../src/workflows/pair/workflow.ts';
import type { IntentDraft } from '../../src/schemas/intent.ts';
import type { IntentReceipt } from '../../src/schemas/receipt.ts';
import type { CarriedIntent } from '../../src/messages/intent/state.ts';
import type { PairInput } from '../../src/messages/pair/state.ts';

/*
 * The change that is made most easily by mistake: one more command, before all others. For the self-test of the corpus.
 */

const moment = 1;

export async function intent(input: IntentDraft, carried?: CarriedIntent): Promise<IntentReceipt> {
  await sleep(moment);
  return soundIntent(input, carried);
}

export async function contract(input: ContractInput): Promise<void> {
  await sleep(moment);
  return soundContract(input);
}

export async function pair(input: PairInput): Promise<void> {
  await sleep(moment);
  return soundPair(input);
}
