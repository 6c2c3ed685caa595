import { readFile, readdir } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import type { KubeObject } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { stackUp } from '../../../src/stack/commands.ts';
import { living, ownerName } from '../../../src/stack/journal.ts';
import { isFree } from '../../../src/stack/ports.ts';
import { isAlive } from '../../../src/stack/process-identity.ts';
import type { ProcessIdentity } from '../../../src/stack/process-identity.ts';
import { searchAttributes } from '../../../src/stack/search-attributes.ts';
import { startStack } from '../../../src/stack/stack.ts';
import { readState } from '../../../src/stack/state-file.ts';
import { stackFolder } from '../../harness/support/stack-folder.ts';

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

const folder = stackFolder();

test('two clusters with Liqo and Temporal come up ready, and stopping leaves no process, port or file', async () => {
  const stack = await startStack({ dir: folder.dir(), nodes, rearflowCrds: [extraCrd] });
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
  const { processes } = (await readState(folder.dir()))!;
  const entries = living(folder.dir()).filter(({ name }) => name !== ownerName);
  expect(entries).toHaveLength(16);
  await stack.stop();
  expect(entries.filter(isAlive)).toEqual([]);
  for (const { port } of processes) if (port !== undefined) expect(await isFree(port)).toBe(true);
  expect(await readdir(folder.parent())).toEqual([]);
});

test('giving up in the middle of the start leaves nothing', async () => {
  const abort = new AbortController();
  const seen: ProcessIdentity[] = [];
  const up = stackUp({
    dir: folder.dir(),
    nodes: [{ name: 'turin', workers: [] }],
    ui: false,
    rearflowCrds: [],
    signal: abort.signal,
    onProgress: (event) => {
      if (event.kind !== 'process' || event.name !== 'turin/kube-apiserver') return;
      seen.push(...living(folder.dir()));
      abort.abort(new Error('Ctrl-C'));
    },
  });
  await expect(up).rejects.toThrow('Ctrl-C');
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.filter(isAlive)).toEqual([]);
  expect(await readdir(folder.parent())).toEqual([]);
});
