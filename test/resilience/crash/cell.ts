import { verifyReceipt } from '../../../src/signing/receipt.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { IntentReceipt } from '../../../src/schemas/receipt.ts';
import type { Loose } from '../../harness/simulator/liqo/reconciler.ts';
import type { Lane } from './lane.ts';
import { leftovers } from './leftovers.ts';
import type { Path } from './path.ts';
import { Run, type Point } from './run.ts';

export interface CellResult {
  readonly path: string;
  /** Where the worker was to be killed; several of one run are several results of it. */
  readonly point: Point | undefined;
  /** False when the run ended without coming to its point. */
  readonly reached: boolean;
  readonly outcome: string;
  readonly problems: readonly string[];
  readonly leaks: readonly string[];
  readonly purchases: number;
  /** Names of its intents. */
  readonly intents: readonly string[];
  /** Points of this run, in order. */
  readonly points: readonly Point[];
  /** When each was passed, milliseconds after the start. */
  readonly times: readonly number[];
  readonly ms: number;
  /** From kill -9 to the next activity that a worker was given, milliseconds. */
  readonly recoveryMs: number | undefined;
}

/** What came out of one run: the same for all points at which the worker was to be killed in it. */
export interface RunResult extends Omit<CellResult, 'point' | 'reached'> {
  /** Points at which it was killed. */
  readonly killed: readonly Point[];
}

/** Runs a path once, with a crash at each of some points or without any, and looks at what came out. */
export async function runCell(lane: Lane, path: Path, name: string, points: readonly Point[]): Promise<RunResult> {
  const since = Date.now();
  const [sellerA, sellerB] = lane.surroundings.sellers;
  if (!sellerA || !sellerB) throw new Error('a cell needs two sellers');
  await lane.forgetCandidates();
  if (path.sellerIsReal) lane.world.pair(sellerA, lane.name);
  const cheaper = path.sellerIsReal
    ? undefined
    : await lane.world.open(sellerA, lane.name, { price: '0.40', ...path.a });
  const dearer = await lane.world.open(sellerB, lane.name, { price: '0.80', ...path.b });
  const providers = cheaper ? [cheaper, dearer] : [dearer];
  const run = new Run(lane, path, name, cheaper, points);
  try {
    sellerA.rear.order(path.faults ?? []);
    await lane.use(path);
    await run.start();
    const receipts = await run.end();
    const leaks = await leftovers(
      lane,
      { intents: run.names, providers, sellerIsReal: path.sellerIsReal ?? false },
      run.reached.length > 0,
    );
    const remote = providers.reduce((sum, each) => sum + each.purchases, 0);
    const purchases = remote + (await contractWorkflows(lane, path, since));
    const known = await contractsOfBuyer(lane, run.names);
    const sold = providers.flatMap((each) => each.contracts);
    const oneSided = path.selling || path.sellerIsReal ? [] : known.filter((each) => !sold.includes(each));
    const wrong = await Promise.all(receipts.map((receipt) => objections(lane, path, receipt)));
    const [least, most] = path.purchases;
    return {
      path: path.name,
      killed: run.reached,
      outcome: receipts.map((receipt) => receipt.outcome).join(', ') || 'none',
      problems: [
        ...run.problems,
        ...wrong.flat(),
        ...oneSided.map((each) => `contract ${each} is known to the buyer only`),
        ...sellerA.rear.unmet().map(({ message, fault }) => `no ${message} was ${fault}`),
        ...(purchases < least || purchases > most ? [`${String(purchases)} purchases`, ...given(receipts)] : []),
      ],
      leaks,
      purchases,
      intents: run.names,
      points: run.points,
      times: run.times,
      ms: Date.now() - since,
      recoveryMs: run.recoveryMs,
    };
  } finally {
    lane.events = {};
    lane.sellerEvents = {};
    sellerA.rear.order([]);
    await run.settle();
    await Promise.all(providers.map((each) => each.down()));
  }
}

/** A run that could not be brought to its end. */
export const brokenRun = ({ name: path }: Path, killed: readonly Point[], problem: string): RunResult => ({
  path,
  killed,
  outcome: 'none',
  problems: [problem],
  leaks: [],
  purchases: 0,
  intents: [],
  points: [],
  times: [],
  ms: 0,
  recoveryMs: undefined,
});

/** Why contracts were given up on the way. */
const given = (receipts: readonly IntentReceipt[]): string[] =>
  receipts.flatMap(({ givenUp = [] }) => givenUp.map(({ provider, reason }) => `gave up ${provider}: ${reason}`));

async function objections(lane: Lane, path: Path, receipt: IntentReceipt): Promise<string[]> {
  const found: string[] = [];
  const { outcome, reason = '', leftBehind, providerReceipt, contractID } = receipt;
  if (!path.outcomes.includes(outcome)) found.push(`outcome ${outcome} (${reason})`);
  if (leftBehind.length > 0) found.push(`left behind: ${JSON.stringify(leftBehind)}`);
  if (contractID === undefined) return found;
  const { jws = '', state } = providerReceipt;
  if (path.selling || path.sellerIsReal) return state === 'verified' ? found : [...found, `receipt: ${state}`];
  const verdict = await verifyReceipt(jws, contractID, lane.world.keys.jwks);
  return verdict.ok ? found : [...found, `receipt of the seller: ${state}, ${verdict.reason}`];
}

/** Contracts in the buyer's tables that belong to these intents. */
async function contractsOfBuyer({ world, tables }: Lane, intents: readonly string[]): Promise<string[]> {
  const { cluster } = world.servers.buyers;
  const read = intents.map((intent) => cluster.get<Loose>(tableKinds.Intent, intent, tables));
  return (await Promise.all(read)).flatMap((row) => (row?.status?.['contract'] as string | undefined) ?? []);
}

/** Contracts that came to be since at sellers that are no doubles. */
async function contractWorkflows(lane: Lane, path: Path, since: number): Promise<number> {
  const query = `WorkflowType = 'contract' AND StartTime > '${new Date(since).toISOString()}'`;
  const clients = [...(path.selling ? [lane.temporal] : []), ...(path.sellerIsReal ? [lane.sellerTemporal] : [])];
  const counts = await Promise.all(clients.map(({ workflow }) => workflow.count(query)));
  return counts.reduce((sum, { count }) => sum + count, 0);
}
