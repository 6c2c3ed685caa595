import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { sideBySide } from './side-by-side.ts';

const step = { signal: new AbortController().signal, heartbeat: (): void => undefined };

test('results come in the order of the steps', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = async (): Promise<string> => {
    await promise;
    return 'slow';
  };
  const fast = async (): Promise<string> => {
    resolve();
    return 'fast';
  };
  expect(await sideBySide(step, [slow, fast])).toEqual(['slow', 'fast']);
});

test('the first failure ends the others, and is thrown when they have ended', async () => {
  const ended: string[] = [];
  const waits = async ({ signal }: typeof step): Promise<never> => {
    await once(signal, 'abort');
    ended.push('waits');
    throw new Error('ended by the other');
  };
  const fails = async (): Promise<never> => {
    throw new Error('403');
  };
  await expect(sideBySide(step, [waits, fails])).rejects.toThrow('403');
  expect(ended).toEqual(['waits']);
});

test('the end of the caller reaches all', async () => {
  const stop = new AbortController();
  const waits = async ({ signal }: typeof step): Promise<never> => {
    await once(signal, 'abort');
    throw signal.reason as Error;
  };
  const both = sideBySide({ ...step, signal: stop.signal }, [waits, waits]);
  stop.abort(new Error('deadline'));
  await expect(both).rejects.toThrow('deadline');
});
