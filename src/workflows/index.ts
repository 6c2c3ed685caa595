export { contract } from './contract.ts';
export { intent } from './intent.ts';
export { inventory } from './inventory.ts';
export { offloading } from './offloading.ts';
export { pair } from './pair.ts';
