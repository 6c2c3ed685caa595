import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { stackDown, stackStatus, stackUp } from '../../src/stack/commands.ts';
import { endProcesses, living, ownerName } from '../../src/stack/journal.ts';
import { isAlive } from '../../src/stack/process-identity.ts';
import type { ProcessIdentity } from '../../src/stack/process-identity.ts';

/*
 * The embedded stack when something of it is killed.
 */

jest.setTimeout(120_000);

let parent = '';
let dir = '';

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rearflow-stack-'));
  dir = join(parent, 'stack');
});

afterEach(async () => {
  await endProcesses(
    living(dir).filter(({ pid }) => pid !== process.pid),
    1_000,
  );
  await rm(parent, { recursive: true, force: true });
});

/** Waits for processes that somebody else ends. */
async function gone(entries: readonly ProcessIdentity[]): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (entries.some(isAlive) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(entries.filter(isAlive)).toEqual([]);
}

test('up, status, restart of a killed process, kill -9 of the supervisor: no process lives on, down removes the files', async () => {
  const order = { dir, nodes: [{ name: 'turin', workers: [] }], ui: true, rearflowCrds: [] };
  const state = await stackUp(order);
  expect((await fetch(state.temporal.uiAddress!)).status).toBe(200);
  const status = await stackStatus(dir);
  expect(status.running).toBe(true);
  expect(status.processes.map(({ health }) => health)).toEqual(status.processes.map(() => 'healthy'));
  await expect(stackUp(order)).rejects.toMatchObject({ code: 'StackFailed' });

  const scheduler = living(dir).find(({ name }) => name === 'turin/kube-scheduler')!;
  process.kill(scheduler.pid, 'SIGKILL');
  await gone([scheduler]);
  let again = await stackStatus(dir);
  const back = () => again.processes.find(({ name }) => name === 'turin/kube-scheduler')!;
  while (back().health !== 'healthy') again = await stackStatus(dir);
  expect(back()).toMatchObject({ restarts: 1 });

  const entries = living(dir);
  process.kill(status.supervisorPid!, 'SIGKILL');
  await gone(entries);
  expect((await stackStatus(dir)).running).toBe(false);
  expect(await stackDown(dir)).toBe(true);
  expect(existsSync(dir)).toBe(false);
  expect(await stackDown(dir)).toBe(false);
});

test('down stops a running stack in order; a start on what a killed one left cleans it', async () => {
  const order = { dir, nodes: [{ name: 'turin', workers: [] }], ui: false, rearflowCrds: [] };
  await stackUp(order);
  const first = living(dir);
  process.kill(first.find(({ name }) => name === ownerName)!.pid, 'SIGKILL');
  const state = await stackUp(order);
  expect(first.filter(isAlive)).toEqual([]);
  const second = living(dir);
  expect(second.find(({ name }) => name === ownerName)!.pid).toBe(state.ownerPid);
  expect(await stackDown(dir)).toBe(true);
  expect(second.filter(isAlive)).toEqual([]);
  expect(await readdir(parent)).toEqual([]);
});

test('a starter that is killed in the middle of the start leaves no process', async () => {
  const commands = new URL('../../src/stack/commands.ts', import.meta.url).href;
  const order = { dir, nodes: [{ name: 'turin', workers: [] }], ui: false, rearflowCrds: [] };
  const script = `const { stackUp } = await import(${JSON.stringify(commands)});
    await stackUp({ ...${JSON.stringify(order)}, onProgress: (e) => e.name === 'turin/kube-apiserver' && console.log('now') });`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    starter.stdout.once('data', resolve);
    starter.once('exit', () => reject(new Error('it ended before the API server started')));
  });
  const entries = living(dir);
  expect(entries.length).toBeGreaterThan(2);
  starter.kill('SIGKILL');
  await gone(entries);
  expect(existsSync(dir)).toBe(false);
});
