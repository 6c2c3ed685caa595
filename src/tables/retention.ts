import pLimit from 'p-limit';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { Outcome } from '../schemas/receipt.ts';
import { ownerOf } from './owner.ts';
import { stateOf, terminalStates, type AnyRow } from '../kubernetes/table-states.ts';

type Kind = keyof typeof tableKinds;

const terminal: Readonly<Record<string, readonly string[]>> = {
  ...terminalStates,
  Discovery: ['Solved', 'Failed'],
  Reservation: ['Solved', 'Failed'],
};
/** Always a record, or always a cache. */
const always: readonly Kind[] = ['Receipt', 'PeeringCandidate'];
const kindsOfRecords = [...(Object.keys(terminal) as Kind[]), ...always];
const atOnce = 8;

/** What somebody still needs, by the names that records refer to: what is open, and what waits for an operator. */
export interface InUse {
  readonly intents: ReadonlySet<string>;
  readonly transactions: ReadonlySet<string>;
}

/** Since when a row is a record: milliseconds since the epoch; undefined while it is none. */
export function recordSince(kind: Kind, row: AnyRow, inUse: InUse): number | undefined {
  const { metadata, spec = {}, status = {} } = row;
  const { name = '' } = metadata;
  const phase = stateOf(kind, row) as { phase?: string; lastChangeTime?: string } | string | undefined;
  const nested = typeof phase === 'object' ? phase : {};
  const state = nested.phase ?? phase;
  if (!always.includes(kind) && !(terminal[kind] ?? []).includes(String(state))) return undefined;
  if (kind === 'Transaction' && inUse.transactions.has(name)) return undefined;
  if (inUse.intents.has(intentOf(kind, row))) return undefined;
  const times = [status['endedAt'], status['lastUpdateTime'], nested.lastChangeTime, spec['observedAt']];
  const since = Date.parse(String(times.find((time) => time !== undefined) ?? metadata.creationTimestamp));
  return Number.isNaN(since) ? undefined : since;
}

/** Name of the intent whose row it is; empty when it is nobody's or another workflow's. */
function intentOf(kind: Kind, row: AnyRow): string {
  if (kind === 'Intent' || kind === 'Receipt') return row.metadata.name ?? '';
  if (kind === 'Discovery' || kind === 'Reservation') return String(row.spec?.['solverID']);
  return /^intent\/(.*)$/.exec(ownerOf(row) ?? '')?.[1] ?? '';
}

/** It has not ended, or its end is an operator's business: `rearflow cleanup` needs its rows. */
const isNeeded = ({ status = {} }: AnyRow): boolean =>
  status['phase'] !== 'Ended' || status['outcome'] === ('NeedsOperator' satisfies Outcome);

/**
 * Deletes records that are older than they are kept.
 *
 * @param before milliseconds since the epoch
 * @returns how many
 * @throws KubeError for trouble of the API server
 * @see docs/architecture.md 3.10
 */
export async function dropOldRecords(cluster: Cluster, namespace: string, before: number): Promise<number> {
  const read = await Promise.all(
    kindsOfRecords.map(async (kind) => ({
      kind,
      rows: (await cluster.list<AnyRow>(tableKinds[kind], { namespace })).items,
    })),
  );
  const rowsOf = (wanted: Kind): readonly AnyRow[] => read.find(({ kind }) => kind === wanted)?.rows ?? [];
  const needed = (kind: Kind): readonly AnyRow[] => rowsOf(kind).filter(isNeeded);
  const inUse: InUse = {
    intents: new Set(needed('Intent').map(({ metadata }) => metadata.name ?? '')),
    transactions: new Set(needed('Contract').map(({ spec }) => String(spec?.['transactionID']))),
  };
  const limit = pLimit(atOnce);
  const old = read.flatMap(({ kind, rows }) =>
    rows.filter((row) => (recordSince(kind, row, inUse) ?? Infinity) < before).map((row) => ({ kind, row })),
  );
  await Promise.all(
    old.map(({ kind, row: { metadata } }) =>
      limit(() =>
        cluster.delete(tableKinds[kind], metadata.name ?? '', namespace, metadata.uid ? { uid: metadata.uid } : {}),
      ),
    ),
  );
  return old.length;
}
