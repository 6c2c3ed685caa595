export { contract } from './contract.ts';
export { intent } from './intent.ts';
export { inventory } from './inventory.ts';
export { node } from './node.ts';
export { offloading } from './offloading.ts';
export { pair } from './pair.ts';
export { repair } from './repair.ts';
export { sweep } from './sweep.ts';
