import { Client, Connection } from '@temporalio/client';
import type { Cluster, KubeObject, WatchEvent } from '../../kubernetes/cluster.ts';
import { connectCluster } from '../../kubernetes/connect.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { MarketBackend } from '../../rear/backend.ts';
import { parcelFlavor } from '../../tables/offer.ts';
import { flavorSpec } from '../../tables/codec.ts';
import { createBuyerIdentity } from '../buyer-identity.ts';
import { openCatalog } from '../catalog.ts';
import { openCommandLines } from '../commands.ts';
import { openContractStore } from '../contract-store.ts';
import { openRetryPacer } from '../retry-pacer.ts';
import { createTemporalMarket } from '../temporal-market.ts';
import { openTransactionStore } from '../transaction-store.ts';
import { openGrantWaiters } from '../grant-waiters.ts';

/** The market of a gateway whose tables a test tells, and whose Temporal and API server nobody answers for. For tests. */
export interface ToldMarket {
  readonly market: MarketBackend;
  /** A row is there, or has changed. */
  tell(kind: 'Flavor' | 'Contract' | 'Transaction', name: string, row?: object): void;
  gone(kind: 'Flavor' | 'Contract' | 'Transaction', name: string): void;
  /** All tables are read: an empty one, too. */
  synced(): void;
  /** Whether the changes of the tables are told from now on. */
  live(live: boolean): void;
  close(): Promise<void>;
}

const nowhere = `
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: u, user: { token: t } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`;
const namespace = 'fluidos';
const policy = { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' };

/** What the row of a free flavor says. */
function free(flavorID: string): object {
  const amounts = { cpu: '4', memory: '4Gi', pods: '4' };
  const price = { amount: '1', currency: 'EUR', period: 'hourly' };
  const origin = { hash: '', name: 'worker-1', architecture: 'amd64', policy, price, properties: {} };
  const seller = { nodeID: 'milan', domain: '', address: 'h:1', liqoID: 'milan' };
  return { spec: flavorSpec(parcelFlavor({ flavorID, amounts, state: 'free', since: 0 }, origin, price, seller)) };
}

export function openToldMarket(): ToldMarket {
  const hears = new Map<string, (event: WatchEvent<KubeObject>) => void>();
  const rows = new Map<string, KubeObject>();
  let live = true;
  const watch = ((kind, _selection, onEvent) => {
    hears.set(kind.kind, onEvent as unknown as (event: WatchEvent<KubeObject>) => void);
    return {
      get live() {
        return live;
      },
      close: () => undefined,
    };
  }) as Cluster['watch'];
  const cluster = connectCluster(nowhere);
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const client = new Client({ connection });
  const catalog = openCatalog({ watch }, namespace, 60_000);
  const contracts = openContractStore({ watch }, namespace, 'milan');
  const transactions = openTransactionStore({ watch }, namespace);
  const room = openGrantWaiters(client, 'here');
  const self = { nodeID: 'milan', liqoID: 'milan' };
  const market = createTemporalMarket({
    cluster,
    client,
    catalog,
    contracts,
    transactions,
    identity: createBuyerIdentity({ self, ownKey: 'k', contracts, transactions }),
    commands: openCommandLines(client),
    room,
    pacer: openRetryPacer(),
    rear: { jwks: () => Promise.reject(new Error('nobody is asked')) },
    sellerID: 'milan',
    namespace,
    ttpMs: 60_000,
    longestTermMs: 3_600_000,
  });
  return {
    market,
    tell(kind, name, row = kind === 'Flavor' ? free(name) : { spec: {} }) {
      const object = { ...row, metadata: { name, namespace } };
      rows.set(`${kind} ${name}`, object);
      hears.get(kind)?.({ type: 'set', object });
    },
    gone(kind, name) {
      const object = rows.get(`${kind} ${name}`);
      rows.delete(`${kind} ${name}`);
      if (object) hears.get(kind)?.({ type: 'gone', object });
    },
    synced() {
      for (const kind of [tableKinds.Flavor, tableKinds.Contract, tableKinds.Transaction]) {
        const names = [...rows.keys()].filter((key) => key.startsWith(`${kind.kind} `));
        const keys = new Set(names.map((key) => `${namespace}/${key.slice(kind.kind.length + 1)}`));
        hears.get(kind.kind)?.({ type: 'synced', keys });
      }
    },
    live(next) {
      live = next;
    },
    async close() {
      room.close();
      catalog.close();
      contracts.close();
      transactions.close();
      await connection.close();
      await cluster.close();
    },
  };
}
