import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { RearflowClient, type IntentDraft } from '../../src/client.ts';
import { SellerClient } from '../../src/client/seller.ts';
import { demoNodes, nodeCommand } from '../../src/demo/nodes.ts';
import { connectCluster } from '../../src/kubernetes/connect.ts';
import { rearflowCrds } from '../../src/kubernetes/crd/rearflow-crds.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { startStack } from '../../src/stack/stack.ts';
import { intentId } from '../../src/messages/intent/messages.ts';
import { pairId } from '../../src/messages/pair/messages.ts';
import { continueAsNewSignal } from '../../src/workflows/continue-as-new.ts';
import { failed, runMatrix } from '../resilience/crash/matrix.ts';
import { paths } from '../resilience/crash/paths.ts';
import { lines } from '../resilience/crash/report.ts';
import { forgetPresent, record, recorded } from './corpus.ts';
import { openNamespace } from '../harness/support/open-namespace.ts';

/*
 * `npm run record-histories`: runs every scenario on a fresh stack, and every path of the crash matrix among simulated
 * sellers, and replaces what the present version recorded for the corpus that workflow code is checked against. Run it
 * after a change of a workflow that is meant to change its commands.
 */

const base = {
  resources: { cpu: '2', memory: '4Gi', pods: '10' },
  workload: { kind: 'deployment', image: 'nginx', requests: { cpu: '100m', memory: '64Mi' } },
} as const;
const draft = (name: string, change: Partial<IntentDraft> = {}): IntentDraft => ({ ...base, name, ...change });

const parent = await mkdtemp(join(tmpdir(), 'rearflow-record-'));
const settings = () => ({ market: { ttp: '10s' }, liqo: { drainGrace: '2s' } });
const stack = await startStack({
  dir: join(parent, 'stack'),
  nodes: demoNodes,
  rearflowCrds: rearflowCrds(),
  nodeCommand: nodeCommand(settings),
});
const { address } = stack.temporal;
const connection = await Connection.connect({ address });
const temporal = (namespace: string): Client => new Client({ connection, namespace });
const clients = {
  turin: await RearflowClient.connect({ address, namespace: 'turin' }),
  milan: await RearflowClient.connect({ address, namespace: 'milan' }),
};

forgetPresent();
try {
  await scenarios();
  await save();
} finally {
  await Promise.all([clients.turin.close(), clients.milan.close(), connection.close()]);
  await stack.stop();
  await rm(parent, { recursive: true, force: true });
}
await simulate();
console.log(`${String(recorded().length)} histories in the corpus`);

async function scenarios(): Promise<void> {
  const { turin, milan } = clients;
  const shared = connectCluster(stack.clusters.find(({ name }) => name === 'turin')?.kubeconfig ?? '');
  await shared.create(kinds.Namespace, openNamespace('shared'));
  await turin.start(draft('term-over', { term: '5s' }));
  await turin.result('term-over');
  await turin.start(draft('cancelled'));
  await turin.start(draft('cancelled-twin', { resources: { cpu: '4', memory: '8Gi', pods: '10' } }));
  await inUse('cancelled', 'cancelled-twin');
  for (const id of [intentId('cancelled'), pairId('milan')]) {
    const long = temporal('turin').workflow.getHandle(id);
    const { runId } = await long.describe();
    await long.signal(continueAsNewSignal);
    while ((await long.describe()).runId === runId) await delay(50);
  }
  await turin.renew('cancelled-twin', '10m');
  await turin.cancel('cancelled');
  await turin.cancel('cancelled-twin');
  await Promise.all([turin.result('cancelled'), turin.result('cancelled-twin')]);
  await turin.start(draft('in-shared-namespace', { namespace: 'shared', term: '5s' }));
  await turin.result('in-shared-namespace');
  await turin.start(draft('ended-by-seller'));
  await inUse('ended-by-seller');
  const { contractID = '' } = await turin.status('ended-by-seller');
  const seller = await SellerClient.connect({ address, namespace: 'milan' });
  await seller.endContract(contractID, { reason: 'maintenance', noticeMs: 20_000 });
  await seller.close();
  await turin.result('ended-by-seller');
  await turin.start(draft('nobody-approves', { approval: { within: '1s' } }));
  await turin.result('nobody-approves');
  await turin.start(draft('too-big', { resources: { cpu: '1000', memory: '1Gi' }, deadline: '2s' }));
  await turin.result('too-big');
  await milan.start(draft('at-home', { placement: 'local', term: '3s' }));
  await milan.result('at-home');
  await shared.close();
}

async function inUse(...names: string[]): Promise<void> {
  for (const name of names) {
    for await (const status of clients.turin.watch(name)) if (status.waitingFor === 'the end of the term') break;
  }
}

/** Every workflow of both nodes, whatever part it had. */
async function save(): Promise<void> {
  for (const namespace of ['turin', 'milan']) {
    const client = temporal(namespace);
    for await (const { workflowId, runId } of client.workflow.list())
      await record(client, workflowId, runId, `${namespace} ${workflowId} ${runId.slice(-4)}`);
  }
}

/** The intents of every path of the crash matrix, without a crash. */
async function simulate(): Promise<void> {
  const { cells } = await runMatrix({
    paths,
    workers: 2,
    select: () => [],
    stopAtFirst: true,
    onCell: ({ path }) => {
      console.log(path);
    },
    afterCell: async ({ temporal: client }, { path, intents }) => {
      for (const name of intents) await record(client, intentId(name), undefined, `simulated ${path} ${name}`);
    },
  });
  const wrong = cells.filter(failed).flatMap((cell) => lines(cell, false));
  if (wrong.length > 0) throw new Error(`not recorded: ${wrong.join('\n')}`);
}
