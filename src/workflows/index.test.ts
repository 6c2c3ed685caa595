import { expect, test } from '@jest/globals';
import type { Workflows } from '../messages/workflows.ts';
import * as workflows from './index.ts';

test('every workflow is what those who start it take it for, under the same name', () => {
  const declared: Workflows = workflows;
  const names: Record<keyof Workflows, true> = {
    contract: true,
    intent: true,
    inventory: true,
    node: true,
    offloading: true,
    pair: true,
    repair: true,
    sweep: true,
  };
  expect(Object.keys(declared).sort()).toEqual(Object.keys(names));
});
