import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { claimFolder } from './folder.ts';
import { living, ownerName, record } from './journal.ts';
import { identify, isAlive } from './process-identity.ts';

let dir = '';
let started: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rearflow-folder-'));
});

afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  started = [];
  await rm(dir, { recursive: true, force: true });
});

async function sleeper(): Promise<ChildProcess & { pid: number }> {
  const child = spawn('sleep', ['600']);
  started.push(child);
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

test('a process is known by its start time: the same number at another time is a stranger', async () => {
  const { pid } = await sleeper();
  const identity = identify(pid)!;
  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ ...identity, startTime: String(Number(identity.startTime) - 1) })).toBe(false);
  expect(isAlive({ ...identity, bootId: 'another boot' })).toBe(false);
});

test('an ended process is not alive', async () => {
  const child = await sleeper();
  const identity = identify(child.pid)!;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
});

test('what a killed run left is ended and removed, and nothing else', async () => {
  const [left, stranger] = [await sleeper(), await sleeper()];
  record(dir, 'milan/etcd', left.pid);
  const notHere = { name: 'milan/kwok', ...identify(stranger.pid)!, startTime: '1' };
  await writeFile(join(dir, 'processes.jsonl'), `${JSON.stringify(notHere)}\n{"name":"cut sho`, { flag: 'a' });
  await writeFile(join(dir, 'state'), 'old');
  const ended = once(left, 'exit');
  await claimFolder(dir);
  await ended;
  expect(isAlive(identify(stranger.pid)!)).toBe(true);
  expect(await readdir(dir)).toEqual(['processes.jsonl']);
  expect(living(dir).map(({ name, pid }) => [name, pid])).toEqual([[ownerName, process.pid]]);
});

test('a folder whose stack still runs is refused, and its processes stay', async () => {
  const owner = await sleeper();
  record(dir, ownerName, owner.pid);
  await expect(claimFolder(dir)).rejects.toMatchObject({ code: 'StackFailed' });
  expect(isAlive(identify(owner.pid)!)).toBe(true);
});

test("somebody else's folder is refused, and its files stay", async () => {
  await writeFile(join(dir, 'thesis.tex'), 'precious');
  await expect(claimFolder(dir)).rejects.toMatchObject({ code: 'InvalidConfig' });
  expect(await readdir(dir)).toEqual(['thesis.tex']);
});
