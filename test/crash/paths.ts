import type { Path } from './path.ts';

const bought = [1, 1] as const;

/** What the matrix crashes its way through. */
export const paths: readonly Path[] = [
  // Used until it is cancelled: every effect of buying, peering, deploying and of the teardown.
  { name: 'success', outcomes: ['Cancelled'], purchases: bought },
];
