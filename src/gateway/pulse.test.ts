import { expect, test } from '@jest/globals';
import { openPulse } from './pulse.ts';

test('what does not answer is a problem until it does', async () => {
  const asked: PromiseWithResolvers<void>[] = [];
  const asking = async (): Promise<PromiseWithResolvers<void>> => {
    for (;;) {
      const next = asked.shift();
      if (next) return next;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const pulse = openPulse(
    'Temporal',
    () => {
      const answer = Promise.withResolvers<void>();
      asked.push(answer);
      return answer.promise;
    },
    1,
  );
  expect(pulse.problem()).toContain('not answered yet');
  (await asking()).resolve();
  const second = await asking();
  expect(pulse.problem()).toBeUndefined();
  second.reject(new Error('gone'));
  const third = await asking();
  expect(pulse.problem()).toBe('Temporal does not answer');
  third.resolve();
  await asking();
  expect(pulse.problem()).toBeUndefined();
  pulse.close();
});
