import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { living } from './journal.ts';
import { SupervisedProcess } from './process.ts';
import type { ProcessSpec } from './process.ts';
import type { StackEvent } from './progress.ts';

let dir = '';
let running: SupervisedProcess | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rearflow-process-'));
});

afterEach(async () => {
  await running?.stop();
  await rm(dir, { recursive: true, force: true });
});

function shell(script: string, more: Partial<ProcessSpec> = {}): { process: SupervisedProcess; died: Promise<void> } {
  const spec: ProcessSpec = {
    name: 'a/b',
    argv: ['/bin/sh', '-c', script],
    env: { MARK: join(dir, 'mark') },
    cwd: dir,
    logFile: join(dir, 'log'),
    port: undefined,
    ready: async () => existsSync(join(dir, 'mark')),
    readyWithinMs: 10_000,
    graceMs: 5_000,
    ...more,
  };
  let tell: () => void;
  const died = new Promise<void>((resolve) => (tell = resolve));
  const onEvent = (event: StackEvent): void => void (event.kind === 'died' && tell());
  running = new SupervisedProcess(spec, dir, onEvent);
  return { process: running, died };
}

test('start waits for readiness; stop lets it end in order', async () => {
  const { process } = shell('trap "echo bye; exit 0" TERM; touch "$MARK"; while :; do sleep 0.05; done');
  await process.start();
  expect(process.status().state).toBe('ready');
  expect(living(dir).map(({ pid }) => pid)).toEqual([process.status().pid]);
  await process.stop();
  expect(await readFile(join(dir, 'log'), 'utf8')).toContain('bye');
  expect(process.status()).toMatchObject({ state: 'stopped', pid: undefined });
  expect(living(dir)).toEqual([]);
});

test('one that does not listen to SIGTERM is killed after its grace, with its children', async () => {
  const { process } = shell('trap "" TERM; sleep 600 & touch "$MARK"; wait; wait', { graceMs: 100 });
  await process.start();
  await process.stop();
  expect(living(dir)).toEqual([]);
});

test('one that ends at its start is an error that names the log file, and is not started again', async () => {
  const { process } = shell('exit 3');
  const start = process.start();
  await expect(start).rejects.toMatchObject({ code: 'StackFailed' });
  await expect(start).rejects.toThrow(/exit code 3.*log/);
  expect(process.status()).toMatchObject({ state: 'stopped', restarts: 0 });
});

test('one that never gets ready is stopped and named', async () => {
  const { process } = shell('sleep 600', { readyWithinMs: 200 });
  await expect(process.start()).rejects.toThrow(/not ready after 200 ms/);
  expect(living(dir)).toEqual([]);
});

test('killed from outside, it is started again', async () => {
  let starts = 0;
  let again: (() => void) | undefined;
  const restarted = new Promise<void>((resolve) => (again = resolve));
  const { process, died } = shell('touch "$MARK"; exec sleep 600', {
    ready: async () => {
      const ready = existsSync(join(dir, 'mark'));
      if (ready && ++starts === 2) again?.();
      return ready;
    },
  });
  await process.start();
  const first = process.status().pid;
  process.kill('SIGKILL');
  await died;
  await restarted;
  expect(process.status().restarts).toBe(1);
  expect(process.status().pid).not.toBe(first);
});
