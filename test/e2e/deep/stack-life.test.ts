import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
import { stackDown, stackStatus, stackUp } from '../../../src/stack/commands.ts';
import { living, ownerName } from '../../../src/stack/journal.ts';
import { isAlive } from '../../../src/stack/process-identity.ts';
import type { ProcessIdentity } from '../../../src/stack/process-identity.ts';
import { stackFolder } from '../../harness/support/stack-folder.ts';

/*
 * The embedded stack when something of it is killed.
 */

jest.setTimeout(120_000);

const folder = stackFolder();

/** Waits for processes that somebody else ends. */
async function gone(entries: readonly ProcessIdentity[]): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (entries.some(isAlive) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(entries.filter(isAlive)).toEqual([]);
}

test('up, status, restart of a killed process, kill -9 of the supervisor: no process lives on, down removes the files', async () => {
  const order = { dir: folder.dir(), nodes: [{ name: 'turin', workers: [] }], ui: true, rearflowCrds: [] };
  const state = await stackUp(order);
  expect((await fetch(state.temporal.uiAddress!)).status).toBe(200);
  const status = await stackStatus(folder.dir());
  expect(status.running).toBe(true);
  expect(status.processes.map(({ health }) => health)).toEqual(status.processes.map(() => 'healthy'));
  await expect(stackUp(order)).rejects.toMatchObject({ code: 'StackFailed' });

  const scheduler = living(folder.dir()).find(({ name }) => name === 'turin/kube-scheduler')!;
  process.kill(scheduler.pid, 'SIGKILL');
  await gone([scheduler]);
  let again = await stackStatus(folder.dir());
  const back = () => again.processes.find(({ name }) => name === 'turin/kube-scheduler')!;
  while (back().health !== 'healthy') again = await stackStatus(folder.dir());
  expect(back()).toMatchObject({ restarts: 1 });

  const entries = living(folder.dir());
  process.kill(status.supervisorPid!, 'SIGKILL');
  await gone(entries);
  expect((await stackStatus(folder.dir())).running).toBe(false);
  expect(await stackDown(folder.dir())).toBe(true);
  expect(existsSync(folder.dir())).toBe(false);
  expect(await stackDown(folder.dir())).toBe(false);
});

test('down stops a running stack in order; a start on what a killed one left cleans it', async () => {
  const order = { dir: folder.dir(), nodes: [{ name: 'turin', workers: [] }], ui: false, rearflowCrds: [] };
  await stackUp(order);
  const first = living(folder.dir());
  process.kill(first.find(({ name }) => name === ownerName)!.pid, 'SIGKILL');
  const state = await stackUp(order);
  expect(first.filter(isAlive)).toEqual([]);
  const second = living(folder.dir());
  expect(second.find(({ name }) => name === ownerName)!.pid).toBe(state.ownerPid);
  expect(await stackDown(folder.dir())).toBe(true);
  expect(second.filter(isAlive)).toEqual([]);
  expect(await readdir(folder.parent())).toEqual([]);
});

test('a starter that is killed in the middle of the start leaves no process', async () => {
  const commands = new URL('../../../src/stack/commands.ts', import.meta.url).href;
  const order = { dir: folder.dir(), nodes: [{ name: 'turin', workers: [] }], ui: false, rearflowCrds: [] };
  const script = `const { stackUp } = await import(${JSON.stringify(commands)});
    await stackUp({ ...${JSON.stringify(order)}, onProgress: (e) => e.name === 'turin/kube-apiserver' && console.log('now') });`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    starter.stdout.once('data', resolve);
    starter.once('exit', () => reject(new Error('it ended before the API server started')));
  });
  const entries = living(folder.dir());
  expect(entries.length).toBeGreaterThan(2);
  starter.kill('SIGKILL');
  await gone(entries);
  expect(existsSync(folder.dir())).toBe(false);
});
