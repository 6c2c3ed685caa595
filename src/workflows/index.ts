export { contract } from './contract/workflow.ts';
export { intent } from './intent/workflow.ts';
export { inventory } from './inventory/workflow.ts';
export { node } from './upkeep/node.ts';
export { offloading } from './offloading/workflow.ts';
export { pair } from './pair/workflow.ts';
export { repair } from './upkeep/repair.ts';
export { sweep } from './upkeep/sweep.ts';
