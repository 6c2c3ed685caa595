import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Cluster, KubeObject } from '../../../src/kubernetes/cluster.ts';
import { connectCluster } from '../../../src/kubernetes/connect.ts';
import { rearflowCrds } from '../../../src/kubernetes/crd/rearflow-crds.ts';
import { tables } from '../../../src/kubernetes/crd/tables.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { TransactionSpec } from '../../../src/schemas/tables/transaction.ts';
import { prepareControlPlane } from '../../../src/stack/control-plane.ts';
import { Ports } from '../../../src/stack/ports.ts';
import { ProcessTable } from '../../../src/stack/process-table.ts';
import { ensureToolchain } from '../../../src/stack/toolchain/toolchain.ts';
import { observeRow } from '../../../src/tables/cache-rows.ts';
import { dropOldRecords } from '../../../src/tables/retention.ts';
import { ownerAnnotation } from '../../../src/kubernetes/owner.ts';
import { fieldManager, ownerOf } from '../../../src/tables/owner.ts';
import { setRow, setRowUntilTaken } from '../../../src/tables/set-row.ts';
import { createRow, removeRow, writeRow, writeStatus } from '../../../src/tables/rows.ts';
import type { Row, RowRef } from '../../../src/tables/rows.ts';

type Definition = KubeObject & {
  status?: { conditions?: { type: string; status: string }[] };
};

const namespace = 'rearflow';
const owner = 'inventory/0123456789';
let folder: string;
let processes: ProcessTable;
let cluster: Cluster;

const node = { domain: 'd', nodeID: 'turin', ip: '127.0.0.1:1' };
function spec(flavorID: string): TransactionSpec {
  return { flavorID, buyer: node, clusterID: 'turin' };
}

function at(ownerRevision: number, workflowId = owner): { workflowId: string; ownerRevision: number } {
  return { workflowId, ownerRevision };
}

async function newTransaction(name: string): Promise<RowRef> {
  const made = await createRow(cluster, { kind: tableKinds.Transaction, namespace, name, spec: spec('one') }, at(1));
  if (!made.ok) throw new Error(`taken by ${made.owner}`);
  return made.ref;
}

async function read(ref: RowRef): Promise<Row<TransactionSpec> | undefined> {
  return cluster.get<Row<TransactionSpec>>(ref.kind, ref.name, ref.namespace);
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function established(name: string): Promise<true | undefined> {
  const crd = await cluster.get<Definition>(kinds.CustomResourceDefinition, name);
  return crd?.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') || undefined;
}

/** etcd and an API server are all that rows need. */
async function startApiServer(): Promise<string> {
  const dir = join(folder, 'cluster');
  const toolchain = await ensureToolchain({ env: process.env, onProgress: () => undefined });
  const plane = await prepareControlPlane('rows', dir, toolchain.paths, new Ports());
  await processes.run(plane.etcd, 'store');
  await processes.run(plane.apiServer, 'server');
  return plane.kubeconfig;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rearflow-rows-'));
  processes = new ProcessTable(folder, () => undefined);
  cluster = connectCluster(await startApiServer());
  for (const crd of rearflowCrds()) await cluster.apply(kinds.CustomResourceDefinition, crd, 'rearflow/crds');
  for (const crd of rearflowCrds())
    await until(`${crd.metadata.name} Established`, () => established(crd.metadata.name!));
  await cluster.apply(kinds.Namespace, { metadata: { name: namespace } }, 'rearflow/test');
}, 60_000);

afterAll(async () => {
  await cluster?.close();
  await processes.stopAll();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

test('every table is served, with its printer columns', async () => {
  for (const table of tables) {
    const { items } = await cluster.list(table.kind, { namespace });
    expect(items).toEqual([]);
    const crd = (await cluster.get<KubeObject>(
      kinds.CustomResourceDefinition,
      `${table.kind.plural}.${table.kind.apiVersion.split('/')[0]}`,
    )) as {
      spec?: { versions?: { additionalPrinterColumns?: { name: string }[] }[]; names?: { shortNames?: string[] } };
    };
    const columns = crd.spec?.versions?.[0]?.additionalPrinterColumns?.map((column) => column.name);
    expect(columns).toEqual(table.columns.map((column) => column.name));
    expect(crd.spec?.names?.shortNames).toEqual(table.shortNames);
  }
});

test('a row is created once; its owner may repeat that, another workflow may not', async () => {
  const ref = await newTransaction('once');
  expect(ownerOf((await read(ref))!)).toBe(owner);
  const row = { kind: tableKinds.Transaction, namespace, name: 'once', spec: spec('one') };
  expect(await createRow(cluster, row, at(1))).toMatchObject({ ok: true, existed: true, ref });
  expect(await createRow(cluster, row, at(1, 'inventory/other'))).toEqual({ ok: false, reason: 'taken', owner });
  expect(await removeRow(cluster, ref)).toBe('removed');
});

test('a write that was paused and arrives after a newer one changes nothing, in spec and status', async () => {
  const ref = await newTransaction('paused');
  expect(await writeRow(cluster, ref, spec('three'), at(3))).toMatchObject({ ok: true });
  expect(await writeRow(cluster, ref, spec('three'), at(3))).toMatchObject({ ok: true });
  expect(await writeRow(cluster, ref, spec('two'), at(2))).toEqual({ ok: false, reason: 'stale' });
  expect(await writeStatus(cluster, ref, { phase: 'Purchased' }, at(3))).toMatchObject({ ok: true });
  expect(await writeStatus(cluster, ref, { phase: 'Held', reason: 'late' }, at(2))).toEqual({
    ok: false,
    reason: 'stale',
  });
  const row = await read(ref);
  expect(row?.spec).toMatchObject({ flavorID: 'three', ownerRevision: 3 });
  expect(row?.status).toEqual({ phase: 'Purchased', ownerRevision: 3 });
  await removeRow(cluster, ref);
});

test('a write that arrives after the delete does not bring the row back, nor touch its successor of the same name', async () => {
  const ref = await newTransaction('deleted');
  expect(await removeRow(cluster, ref)).toBe('removed');
  expect(await removeRow(cluster, ref)).toBe('absent');
  expect(await writeRow(cluster, ref, spec('late'), at(9))).toEqual({ ok: false, reason: 'gone' });
  expect(await writeStatus(cluster, ref, { phase: 'Held' }, at(9))).toEqual({ ok: false, reason: 'gone' });
  expect(await read(ref)).toBeUndefined();

  const next = await newTransaction('deleted');
  expect(next.uid).not.toBe(ref.uid);
  expect(await writeRow(cluster, ref, spec('late'), at(9))).toEqual({ ok: false, reason: 'gone' });
  expect(await writeStatus(cluster, ref, { phase: 'Held' }, at(9))).toEqual({ ok: false, reason: 'gone' });
  expect(await removeRow(cluster, ref)).toBe('replaced');
  expect((await read(next))?.spec).toMatchObject({ flavorID: 'one', ownerRevision: 1 });
  await removeRow(cluster, next);
});

test('a status field that is left out is removed; a hand edit is put back', async () => {
  const ref = await newTransaction('edited');
  await writeStatus(cluster, ref, { phase: 'Queued', reason: 'waits' }, at(1));
  await writeStatus(cluster, ref, { phase: 'Held' }, at(2));
  expect((await read(ref))?.status).toEqual({ phase: 'Held', ownerRevision: 2 });
  await cluster.merge(ref.kind, ref.name, namespace, { spec: { flavorID: 'by hand' } });
  await writeRow(cluster, ref, spec('one'), at(2));
  expect((await read(ref))?.spec.flavorID).toBe('one');
  await removeRow(cluster, ref);
});

test('the API server refuses what the schema forbids', async () => {
  const ref = await newTransaction('strict');
  await expect(writeStatus(cluster, ref, { phase: 'Sold' }, at(2))).rejects.toMatchObject({ status: 422 });
  const { flavorID: _, ...incomplete } = spec('x');
  const row = { kind: tableKinds.Transaction, namespace, name: 'incomplete', spec: incomplete };
  await expect(createRow(cluster, row, at(1))).rejects.toMatchObject({ status: 422 });
  await removeRow(cluster, ref);
});

test('the newest observation of a cache row wins, whoever writes it', async () => {
  const row = (address: string, observedAt: string) => ({
    kind: tableKinds.KnownCluster,
    namespace,
    name: 'milan',
    spec: { address, observedAt },
  });
  const status = { expirationTime: '2030-01-01T00:01:00Z' };
  expect(await observeRow(cluster, row('new', '2030-01-01T00:00:10.5Z'), status)).toBe('written');
  expect(await observeRow(cluster, row('old', '2030-01-01T00:00:10Z'), { expirationTime: 'old' })).toBe('stale');
  expect(await cluster.get(tableKinds.KnownCluster, 'milan', namespace)).toMatchObject({
    spec: { address: 'new' },
    status,
  });
  expect(await cluster.delete(tableKinds.KnownCluster, 'milan', namespace)).toBe(true);
});

test('field managers are short, readable and tell workflows apart', () => {
  expect(fieldManager(owner)).toMatch(/^rearflow\/inventory\/[0-9a-f]{12}$/);
  expect(fieldManager(`intent/${'x'.repeat(900)}`).length).toBeLessThanOrEqual(128);
  expect(fieldManager('intent/a')).not.toBe(fieldManager('intent/b'));
  expect(ownerAnnotation).toBe('rearflow.io/owner');
});

test('a late write leaves a row alone that went on to its successor, and is no failure', async () => {
  const row = { kind: tableKinds.Transaction, namespace, name: 'went-on', spec: spec('one') };
  await setRowUntilTaken(cluster, { ...row, status: { phase: 'Held' } }, 'contract', at(1));
  const taken = { ...row, spec: spec('two'), inheritFrom: 'inventory', status: { phase: 'Purchased' } };
  const ref = await setRow(cluster, taken, at(2, 'contract/c-1'));
  await setRowUntilTaken(cluster, { ...row, status: { phase: 'Held' } }, 'contract', at(3));
  const there = await read(ref);
  expect([there?.spec.flavorID, there?.status]).toEqual(['two', { phase: 'Purchased', ownerRevision: 2 }]);
  await expect(setRowUntilTaken(cluster, row, 'intent', at(4))).rejects.toThrow('belongs to contract/c-1');
});

test('records are deleted when they are older than they are kept; what is in use or waits for an operator stays', async () => {
  const hour = 3_600_000;
  const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
  const put = async (name: string, status: object): Promise<RowRef> => {
    const ref = await newTransaction(name);
    await writeStatus(cluster, ref, status, at(2));
    return ref;
  };
  const old = await put('old-release', { phase: 'Released', lastUpdateTime: ago(3 * hour) });
  const young = await put('young-release', { phase: 'Released', lastUpdateTime: ago(hour) });
  const held = await put('old-hold', { phase: 'Held', lastUpdateTime: ago(3 * hour) });
  const ended = async (name: string, outcome: string): Promise<RowRef> => {
    const row = { kind: tableKinds.Intent, namespace, name, spec: { intent: {} } };
    return setRow(cluster, { ...row, status: { phase: 'Ended', outcome, lastUpdateTime: ago(3 * hour) } }, at(1, name));
  };
  const [done, stuck] = [await ended('done', 'Completed'), await ended('stuck', 'NeedsOperator')];
  expect(await dropOldRecords(cluster, namespace, Date.now() - 2 * hour)).toBe(2);
  for (const gone of [old, done]) expect(await read(gone)).toBeUndefined();
  for (const kept of [young, held, stuck]) expect(await read(kept)).toBeDefined();
  expect(await dropOldRecords(cluster, namespace, Date.now() - 2 * hour)).toBe(0);
});
