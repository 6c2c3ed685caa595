import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../src/kubernetes/connect.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { stackDown, stackStatus, stackUp } from '../../src/stack/commands.ts';
import { endProcesses, living, ownerName } from '../../src/stack/journal.ts';
import { isFree } from '../../src/stack/ports.ts';
import { isAlive } from '../../src/stack/process-identity.ts';
import type { ProcessIdentity } from '../../src/stack/process-identity.ts';
import { searchAttributes } from '../../src/stack/search-attributes.ts';
import { startStack } from '../../src/stack/stack.ts';
import { readState } from '../../src/stack/state-file.ts';

jest.setTimeout(120_000);

type Sized = KubeObject & { status: { allocatable: Record<string, string> } };

const worker = (name: string) => ({ name, cpu: '16', memory: '64Gi', pods: '110' });
const nodes = [
  { name: 'turin', workers: [] },
  { name: 'milan', workers: [worker('milan-1'), worker('milan-2')] },
];
const nothing = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
};
const extraCrd = {
  metadata: { name: 'things.test.rearflow.io' },
  spec: {
    group: 'test.rearflow.io',
    scope: 'Namespaced',
    names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: nothing } }],
  },
};

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

test('two clusters with Liqo and Temporal come up ready, and stopping leaves no process, port or file', async () => {
  const stack = await startStack({ dir, nodes, rearflowCrds: [extraCrd] });
  const [turin, milan] = stack.clusters.map(({ kubeconfig }) => connectCluster(kubeconfig));
  const connection = await Connection.connect({ address: stack.temporal.address });
  try {
    for (const cluster of [turin!, milan!]) {
      const crds = await cluster.list(kinds.CustomResourceDefinition);
      expect(crds.items.map(({ metadata }) => metadata.name)).toContain('things.test.rearflow.io');
      expect(crds.items.filter(({ metadata }) => metadata.name?.endsWith('.liqo.io'))).toHaveLength(28);
      expect((await cluster.list(kinds.MutatingWebhookConfiguration)).items).toHaveLength(1);
    }
    expect((await turin!.list(kinds.Node)).items).toEqual([]);
    const workers = (await milan!.list<Sized>(kinds.Node)).items;
    expect(workers.map(({ metadata }) => metadata.name)).toEqual(['milan-1', 'milan-2']);
    expect(workers[0]!.status.allocatable).toMatchObject({ cpu: '16', memory: '64Gi', pods: '110' });
    const namespaces = Object.values(stack.temporal.namespaces);
    expect(namespaces).toEqual(['turin', 'milan']);
    for (const namespace of namespaces) {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));
    }
    const state = await readFile(stack.stateFile, 'utf8');
    expect(state).not.toMatch(/PRIVATE KEY|eyJ|certificate-data/);
  } finally {
    await Promise.all([connection.close(), turin?.close(), milan?.close()]);
  }
  const { processes } = (await readState(dir))!;
  const entries = living(dir).filter(({ name }) => name !== ownerName);
  expect(entries).toHaveLength(16);
  await stack.stop();
  expect(entries.filter(isAlive)).toEqual([]);
  for (const { port } of processes) if (port !== undefined) expect(await isFree(port)).toBe(true);
  expect(await readdir(parent)).toEqual([]);
});

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

test('giving up in the middle of the start leaves nothing', async () => {
  const abort = new AbortController();
  const seen: ProcessIdentity[] = [];
  const up = stackUp({
    dir,
    nodes: [{ name: 'turin', workers: [] }],
    ui: false,
    rearflowCrds: [],
    signal: abort.signal,
    onProgress: (event) => {
      if (event.kind !== 'process' || event.name !== 'turin/kube-apiserver') return;
      seen.push(...living(dir));
      abort.abort(new Error('Ctrl-C'));
    },
  });
  await expect(up).rejects.toThrow('Ctrl-C');
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.filter(isAlive)).toEqual([]);
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
