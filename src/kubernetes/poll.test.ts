import { expect, test } from '@jest/globals';
import { pollUntil } from './poll.ts';

const heartbeat = (): void => undefined;

test('news ends a pause; without it the pauses grow', async () => {
  const { promise: news, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  const look = (): Promise<string | undefined> => {
    looks += 1;
    resolve();
    return Promise.resolve(looks === 2 ? 'there' : undefined);
  };
  const signal = AbortSignal.timeout(30_000);
  // An hour between two looks: only the news can have brought the second.
  const options = { signal, heartbeat, firstMs: 3_600_000, longestMs: 3_600_000, news: () => news };
  expect(await pollUntil(look, options)).toBe('there');
});

test('without news it looks again after the pause', async () => {
  let looks = 0;
  const look = (): Promise<number | undefined> => Promise.resolve((looks += 1) < 3 ? undefined : looks);
  const never = new Promise<void>(() => undefined);
  const options = { signal: AbortSignal.timeout(30_000), heartbeat, firstMs: 1, news: () => never };
  expect(await pollUntil(look, options)).toBe(3);
});

test('the end of the signal ends a pause, with its reason', async () => {
  const stop = new AbortController();
  const never = new Promise<void>(() => undefined);
  const options = { signal: stop.signal, heartbeat, firstMs: 3_600_000, longestMs: 3_600_000, news: () => never };
  const waiting = pollUntil(() => Promise.resolve(undefined), options);
  const reason = new Error('deadline');
  stop.abort(reason);
  await expect(waiting).rejects.toMatchObject({ cause: reason });
});
