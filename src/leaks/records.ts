import { stateOf, terminalStates, type AnyRow } from '../kubernetes/table-states.ts';
import { addAmounts, type Amounts } from '../market/ledger/amounts.ts';

const groups = new Set([
  'nodecore.fluidos.eu',
  'advertisement.fluidos.eu',
  'reservation.fluidos.eu',
  'network.fluidos.eu',
  'rearflow.io',
]);

/** True for rearflow's own tables: their rows may stay, in a terminal state. */
export const isRecord = (group: string): boolean => groups.has(group);

/**
 * What counts of a row. A record in its terminal state counts for nothing, one that is still open is a leak; flavors
 * count by what they offer, because ids change when parcels are cut and merged.
 */
export function recordState(kind: string, row: AnyRow): { key: string; content: string } | undefined {
  const name = row.metadata.name ?? '';
  if (kind === 'Flavor') return { key: String(row.spec?.['origin'] ?? name), content: offered(row) };
  const allowed = terminalStates[kind];
  if (!allowed) return undefined;
  const state = String(stateOf(kind, row) ?? 'none');
  return allowed.includes(state) ? undefined : { key: name, content: state };
}

function offered(row: AnyRow): string {
  const type = row.spec?.['flavorType'] as { typeData?: { characteristics?: Record<string, string> } } | undefined;
  const { cpu, memory, pods, storage } = type?.typeData?.characteristics ?? {};
  const amounts = Object.fromEntries(
    Object.entries({ cpu, memory, pods, storage }).filter(([, value]) => value !== undefined),
  );
  return `${String(row.status?.['phase'] ?? '')} ${JSON.stringify(addAmounts({}, amounts as Amounts))}`;
}
