import type { Cluster } from '../../../../src/kubernetes/cluster.ts';
import { tableKinds } from '../../../../src/kubernetes/table-kinds.ts';
import { addAmounts, covers, type Amounts } from '../../../../src/market/ledger/amounts.ts';
import type { Ledger, Parcel } from '../../../../src/market/ledger/state.ts';
import type { RearClient } from '../../../../src/rear/client.ts';
import type { AllocationSpec } from '../../../../src/schemas/tables/allocation.ts';
import type { ContractSpec } from '../../../../src/schemas/tables/contract.ts';
import type { FlavorSpec, FlavorStatus } from '../../../../src/schemas/tables/flavor.ts';
import type { Row } from '../../../../src/tables/rows.ts';
import { persistently, type Bought, type Outcome } from './customer.ts';

/** A hold may outlive its deadline by this, milliseconds. */
const holdSlackMs = 10_000;

const sum = (parcels: readonly Parcel[]): Amounts =>
  parcels.reduce<Amounts>((all, { amounts }) => addAmounts(all, amounts), {});
const same = (a: Amounts, b: Amounts): boolean => covers(a, b) && covers(b, a);
const sorted = (texts: Iterable<string>): string => [...texts].sort().join(' ');

/** Compares the ledgers with themselves: sums, deadlines, one sale per customer. @returns what is wrong */
export function auditLedger(ledger: Ledger): string[] {
  const wrong: string[] = [];
  const { origin, parcels, sales } = ledger;
  const is = (fine: boolean, what: string): void => void (fine || wrong.push(`${origin.name}: ${what}`));
  const sold = parcels.filter(({ state }) => state === 'sold');
  const purchased = sales.filter(({ phase }) => phase === 'Purchased');
  is(same(sum(parcels), origin.worth), `parcels add up to ${JSON.stringify(sum(parcels))}`);
  is(covers(origin.worth, sum(sold)), 'more was sold than there is');
  const contracts = (from: readonly { readonly contractID?: string }[]): string =>
    sorted(from.map(({ contractID = 'none' }) => contractID));
  is(contracts(sold) === contracts(purchased), `sold ${contracts(sold)}, purchased ${contracts(purchased)}`);
  is(new Set(purchased.map(({ contractID }) => contractID)).size === purchased.length, 'a contract was sold twice');
  for (const { phase, deadline, transactionID } of sales) {
    is(phase !== 'Held' || deadline + holdSlackMs > Date.now(), `hold ${transactionID} is stuck`);
  }
  return wrong;
}

export interface Tables {
  readonly contracts: readonly Row<ContractSpec>[];
  readonly allocations: readonly Row<AllocationSpec>[];
  readonly flavors: readonly Row<FlavorSpec, FlavorStatus>[];
}

/** All rows of all origins, read once: the API server has other things to do. */
export async function readTables(cluster: Cluster, namespace: string): Promise<Tables> {
  const [contracts, allocations, flavors] = await Promise.all([
    cluster.list<Row<ContractSpec>>(tableKinds.Contract, { namespace }),
    cluster.list<Row<AllocationSpec>>(tableKinds.Allocation, { namespace }),
    cluster.list<Row<FlavorSpec, FlavorStatus>>(tableKinds.Flavor, { namespace }),
  ]);
  return { contracts: contracts.items, allocations: allocations.items, flavors: flavors.items };
}

/** Compares the ledger of an origin with what the tables say of it. */
export function auditRows({ contracts, allocations, flavors }: Tables, ledger: Ledger): string[] {
  const { origin } = ledger;
  const mine = (id: string | undefined): boolean => id?.startsWith(`${origin.hash}-`) === true;
  const wrong: string[] = [];
  const equal = (what: string, rows: readonly string[], expected: readonly string[]): void => {
    if (sorted(rows) !== sorted(expected)) {
      const [more, less] = [rows.filter((id) => !expected.includes(id)), expected.filter((id) => !rows.includes(id))];
      wrong.push(`${origin.name}: ${what}: too many ${sorted(more)}; missing ${sorted(less)}`);
    }
  };
  const open = ledger.sales.filter(({ phase }) => phase === 'Held' || phase === 'Purchased');
  const sold = open.filter(({ phase }) => phase === 'Purchased');
  const pair = (id: string | undefined, transactionID: string | undefined): string =>
    `${id ?? ''}=${transactionID ?? ''}`;
  equal(
    'Contract rows',
    contracts
      .filter(({ spec }) => mine(spec.transactionID))
      .map(({ metadata, spec }) => pair(metadata.name, spec.transactionID)),
    sold.map(({ contractID, transactionID }) => pair(contractID, transactionID)),
  );
  equal(
    'Allocation rows',
    allocations
      .filter(({ spec }) => mine(spec.transactionID))
      .map(({ spec }) => pair(spec.contractID, spec.transactionID)),
    open.map(({ contractID, transactionID }) => pair(contractID, transactionID)),
  );
  equal(
    'Flavor rows',
    flavors
      .filter(({ metadata }) => mine(metadata.name))
      .map(({ metadata, status }) => pair(metadata.name, status?.phase)),
    ledger.parcels.map(({ flavorID, state }) => pair(flavorID, state)),
  );
  return wrong;
}

/** Compares what the customers know with the ledgers. */
export function auditOutcomes(outcomes: readonly Outcome[], ledgers: readonly Ledger[]): string[] {
  const wrong: string[] = [];
  const sales = ledgers.flatMap((ledger) => ledger.sales).filter(({ phase }) => phase === 'Purchased');
  const mayHave = new Set(outcomes.flatMap(({ kind, key }) => (kind === 'unanswered' ? [key] : [])));
  for (const bought of outcomes) {
    if (bought.kind === 'unanswered') wrong.push(`${String(bought.key)} was not answered: ${bought.why}`);
    if (bought.kind !== 'bought') continue;
    mayHave.add(bought.key);
    const found = sales.filter(({ contractID }) => contractID === bought.contractID);
    if (found.length !== 1 || found[0]?.transactionID !== bought.transactionID)
      wrong.push(`${bought.key} bought ${bought.contractID}, which is sold ${String(found.length)} times`);
  }
  for (const { key, contractID = '' } of sales) {
    if (!mayHave.has(key)) wrong.push(`${contractID} was sold to ${key}, who does not know of it`);
  }
  return wrong;
}

/** Reads each contract again: it is the one that was answered. */
export async function auditContracts(
  client: RearClient,
  endpoint: string,
  outcomes: readonly Outcome[],
): Promise<string[]> {
  const bought = outcomes.filter((each): each is Bought => each.kind === 'bought');
  const wrong = await Promise.all(
    bought.map(async ({ transactionID, key, text, contractID }) => {
      const answer = await persistently(() => client.contract(endpoint, transactionID, { idempotencyKey: key }));
      if (answer?.ok !== true) return [`${contractID} cannot be read: ${answer?.reason ?? 'no answer'}`];
      return JSON.stringify(answer.document) === text ? [] : [`${contractID} reads differently than it was sold`];
    }),
  );
  return wrong.flat();
}
