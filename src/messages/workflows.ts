import type { ContractWorkflow } from './contract/state.ts';
import type { IntentWorkflow } from './intent/state.ts';
import type { InventoryWorkflow } from './inventory/state.ts';
import type { OffloadingWorkflow } from './offloading/state.ts';
import type { PairWorkflow } from './pair/state.ts';
import type { NodeWorkflow, RepairWorkflow, SweepWorkflow } from './upkeep/messages.ts';

/** Every workflow as those who start it know it, by its name (Temporal: workflow type). */
export interface Workflows {
  readonly contract: ContractWorkflow;
  readonly intent: IntentWorkflow;
  readonly inventory: InventoryWorkflow;
  readonly node: NodeWorkflow;
  readonly offloading: OffloadingWorkflow;
  readonly pair: PairWorkflow;
  readonly repair: RepairWorkflow;
  readonly sweep: SweepWorkflow;
}
