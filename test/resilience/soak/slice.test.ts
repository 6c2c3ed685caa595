import { expect, test } from '@jest/globals';
import { soak } from './soak.ts';

test('a minute of intents over three sellers amid random faults: each comes to a defined end, nothing is left', async () => {
  const { outcomes, problems, leaks, intents, troubles } = await soak({
    intents: 20,
    atOnce: 10,
    seconds: 40,
    seed: 7,
    say: () => undefined,
  });
  expect({ problems, leaks, intents }).toEqual({ problems: [], leaks: [], intents: 20 });
  expect(Object.keys(outcomes).every((outcome) => ['Completed', 'Cancelled', 'Failed'].includes(outcome))).toBe(true);
  expect(troubles).toBeGreaterThan(5);
}, 300_000);
