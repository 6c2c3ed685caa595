import { expect, test } from '@jest/globals';
import { StillWaiting, waitFor } from './step.ts';
import type { Look } from './step.ts';

const heartbeat = (): void => undefined;

test('a wait ends with what its condition yields', async () => {
  let looks = 0;
  const look = async (): Promise<Look<string>> => ((looks += 1) < 3 ? { seen: 'not yet' } : { done: 'there' });
  expect(await waitFor('Node a', 'Ready', look, { signal: new AbortController().signal, heartbeat })).toBe('there');
  expect(looks).toBe(3);
});

test('a wait that is ended says which object, which condition, since when, and what was seen last', async () => {
  const stop = new AbortController();
  const reason = new Error('deadline');
  const look = async (): Promise<Look<never>> => {
    stop.abort(reason);
    return { seen: 'Ready is Unknown' };
  };
  const waiting = waitFor('Node rf-1', 'Ready', look, { signal: stop.signal, heartbeat });
  await expect(waiting).rejects.toBeInstanceOf(StillWaiting);
  await expect(waiting).rejects.toMatchObject({ object: 'Node rf-1', condition: 'Ready' });
  await expect(waiting).rejects.toThrow(
    /Node rf-1: still waiting for Ready since .*Z \(.* s\); last seen: Ready is Unknown/,
  );
});

test('a cancellation of Temporal passes through as it is', async () => {
  const stop = new AbortController();
  const cancelled = Object.assign(new Error('cancelled'), { name: 'CancelledFailure' });
  const look = async (): Promise<Look<never>> => {
    stop.abort(cancelled);
    return { seen: '' };
  };
  await expect(waitFor('Node a', 'Ready', look, { signal: stop.signal, heartbeat })).rejects.toBe(cancelled);
});

test('trouble while looking is passed on at once', async () => {
  const broken = new Error('403');
  const look = async (): Promise<Look<never>> => {
    throw broken;
  };
  const step = { signal: new AbortController().signal, heartbeat };
  await expect(waitFor('Node a', 'Ready', look, step)).rejects.toBe(broken);
});
