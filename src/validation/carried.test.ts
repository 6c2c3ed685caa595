import { expect, test } from '@jest/globals';
import type { IntentCompensationKind, IntentCompensations } from '../messages/intent/compensations.ts';
import { defaultLimits } from '../messages/intent/limits.ts';
import type { CarriedIntent } from '../messages/intent/state.ts';
import { IntentInput } from '../schemas/intent.ts';
import { admitCarried } from './carried.ts';
import { understand } from './intent.ts';

const since = '2030-01-01T00:00:00.000Z';
const workflowId = 'intent/web';
const key = 'intent/web:run:flavor';
const secret = 'rearflow-credentials-0123456789abcdef';
const draft = { name: 'web', resources: { cpu: '1', memory: '1Gi' }, workload: { kind: 'deployment', image: 'nginx' } };
const intent = IntentInput.parse(draft);
const keyed = { endpoint: 'seller:3004', key };
const membership = { direction: 'bought', member: 'c1', workflowId, credentialsSecret: secret } as const;
const purchase = {
  ...keyed,
  contractID: 'c1',
  transactionID: 't1',
  sellerCluster: 'milan',
  amounts: { cpu: '1' },
  expiresAt: since,
  slice: 'rf-0123456789abcdef',
  credentialsSecret: secret,
  local: false,
  localNode: '',
  contract: { contractID: 'c1', flavor: { flavorID: 'f1' }, seller: { ID: 'milan' } } as never,
};
const access = { ...keyed, transactionID: 't1', credentialsSecret: secret };

const undos: IntentCompensations = {
  release: { ...keyed, seller: 'milan', flavorID: 'f1' },
  endContract: { ...keyed, transactionID: 't1', reason: 'over' },
  credentials: { secret },
  leavePair: { cluster: 'milan', membership, access },
  pairGone: { cluster: 'milan', membership },
  slice: { cluster: 'milan', slice: 'rf-0123456789abcdef' },
  offloading: { namespace: 'rf-web' },
  leaveOffloading: { namespace: 'rf-web', who: { workflowId, provider: 'milan' } },
  namespace: { namespace: 'rf-web' },
  workload: { namespace: 'rf-web', intent: 'web' },
  rows: { intent: 'web', purchase },
};
const entry = (kind: string, args: unknown) => ({ id: kind, kind, args, after: [] });

const carrying = (entries: readonly unknown[], more: object = {}): unknown => ({
  need: understand(intent, workflowId, 0),
  purchase,
  status: {
    intent: 'web',
    startedAt: since,
    phase: 'usage',
    waitingFor: '',
    phases: [],
    workload: { counts: {}, pods: [] },
  },
  saga: { entries, readBacks: [] },
  limits: defaultLimits,
  ...more,
});

const problem = (state: unknown): string => {
  try {
    admitCarried(state, workflowId);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
};

test('what an intent carries by itself is accepted, unchanged', () => {
  const state = carrying(Object.entries(undos).map(([kind, args]) => entry(kind, args)));
  expect(admitCarried(JSON.parse(JSON.stringify(state)), workflowId)).toEqual(state as CarriedIntent);
});

test("no word of a seller that a hand-made state claims counts as the seller's", () => {
  const given = { provider: 'p', contractID: 'c0', transactionID: 't0', reason: 'no peering' };
  const receipt = {
    intent: 'web',
    outcome: 'NeedsOperator',
    objects: [],
    providerReceipt: { state: 'verified', jws: 'forged' },
    givenUp: [{ ...given, jws: 'forged' }],
    leftBehind: [],
    phases: {},
    startedAt: since,
    endedAt: since,
  };
  const { status } = carrying([]) as CarriedIntent;
  const claimed = { ...status, givenUp: [{ ...given, jws: 'forged' }], receipt };
  const admitted = admitCarried(carrying([], { status: claimed, receipts: { t1: 'forged' } }), workflowId);
  expect(JSON.stringify(admitted)).not.toMatch(/forged|verified/);
  expect(admitted.status).toMatchObject({ givenUp: [given], receipt: { providerReceipt: { state: 'missing' } } });
  const none = { ...receipt, providerReceipt: { state: 'none' } };
  expect(admitCarried(carrying([], { status: { ...status, receipt: none } }), workflowId).status.receipt).toMatchObject(
    {
      providerReceipt: { state: 'none' },
    },
  );
  expect(problem(carrying([], { status: { ...status, receipt: { state: 'verified' } } }))).toMatch(/carried\.status/);
});

const other = { ...membership, workflowId: 'intent/other' };
const foreign = 'intent/other:run:flavor';

test.each<[string, IntentCompensationKind, object]>([
  ["another intent's reservation", 'release', { ...undos.release, key: foreign }],
  ["another intent's contract", 'endContract', { ...undos.endContract, key: foreign }],
  ['the signing key', 'credentials', { secret: 'rearflow-signing-key' }],
  ["another intent's place in a pair", 'leavePair', { ...undos.leavePair, membership: other }],
  ["another intent's access", 'leavePair', { ...undos.leavePair, access: { ...access, key: foreign } }],
  ["another intent's part of a pair", 'pairGone', { ...undos.pairGone, membership: other }],
  ['any object named like a slice', 'slice', { cluster: 'milan', slice: 'worker-1' }],
  ["another namespace's offloading", 'offloading', { namespace: 'rf-other' }],
  [
    "another intent's share of an offloading",
    'leaveOffloading',
    { namespace: 'rf-web', who: { workflowId: 'intent/other', provider: 'm' } },
  ],
  ['kube-system', 'namespace', { namespace: 'kube-system' }],
  ["another intent's workload", 'workload', { namespace: 'rf-web', intent: 'other' }],
  ['a workload elsewhere', 'workload', { namespace: 'kube-system', intent: 'web' }],
  ["another intent's rows", 'rows', { intent: 'web', purchase: { ...purchase, key: foreign } }],
])('a hand-made state cannot saga %s', (_, kind, args) => {
  expect(problem(carrying([entry(kind, args)]))).toBe(
    'InvalidIntent: carried.saga.entries.0 undoes what is not of intent/web',
  );
});

test.each<[string, unknown, RegExp]>([
  ['nothing of the kind', 'nonsense', /^InvalidIntent: carried/],
  ['no saga at all', carrying([], { saga: undefined }), /carried\.saga/],
  ['an saga of an unknown kind', carrying([entry('everything', {})]), /carried\.saga\.entries\.0/],
  ['an saga without what it needs', carrying([entry('slice', {})]), /carried\.saga\.entries\.0\.args\.cluster/],
  ['a purchase of another intent', carrying([], { purchase: { ...purchase, key: foreign } }), /carried\.purchase/],
  ['another intent', carrying([], { need: { intent: { ...intent, name: 'other' }, deadline: 0 } }), /workflow id/],
  ['an intent that is none', carrying([], { need: { intent: { name: 'web' }, deadline: 0 } }), /^InvalidIntent: /],
  ['patience without end', carrying([], { limits: { ...defaultLimits, undoMs: 1e15 } }), /carried\.limits\.undoMs/],
])('a hand-made state is refused that holds %s', (_, state, message) => {
  expect(problem(state)).toMatch(message);
});

test('a namespace that is not what the intent leads to does not travel along', () => {
  const need = { ...understand(intent, workflowId, 0), namespace: 'kube-system', ownNamespace: true };
  expect(admitCarried(carrying([], { need }), workflowId).need.namespace).toBe('rf-web');
  expect(problem(carrying([entry('namespace', { namespace: 'kube-system' })], { need }))).toMatch(
    /is not of intent\/web/,
  );
});
