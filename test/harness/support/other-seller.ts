import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../../../src/signing/keys.ts';
import type { Cluster } from '../../../src/kubernetes/cluster.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { MarketBackend } from '../../../src/rear/backend.ts';
import { createGateway } from '../../../src/rear/server.ts';
import { createLedgerMarket, type LedgerMarket } from '../../../src/rear/testing/ledger-market.ts';

/** A seller over REAR that has no cluster behind it. */
export interface OtherSeller {
  readonly market: LedgerMarket;
  /** What was called, in order: names of the backend's operations. */
  readonly calls: string[];
  close(): Promise<void>;
}

/** Another seller is asked first: it is the cheaper one. */
export const cheapest = { placement: 'remote', objective: 'cheapest' } as const;

/** Known candidates would be tried before anybody is asked, those of a seller that is gone by now, too. */
export async function forgetCandidates(buyer: Cluster): Promise<void> {
  const known = await buyer.list(tableKinds.PeeringCandidate, { namespace: 'fluidos' });
  for (const { metadata } of known.items)
    await buyer.delete(tableKinds.PeeringCandidate, metadata.name ?? '', 'fluidos');
}

/** Sells, and gives nothing to peer with. */
export const withoutCredentials = ({ purchase }: MarketBackend): Partial<MarketBackend> => ({
  purchase: async (...order) => {
    const answer = await purchase(...order);
    if (!answer.ok) return answer;
    const { peeringTargetCredentials: _, ...document } = answer.document;
    return { ok: true, document };
  },
});

/**
 * Opens a gateway with a ledger in memory, cheaper than anybody, and makes it known to a node.
 *
 * @param change what this seller does otherwise
 * @param published its public keys, when they are not those it signs with
 * @param as namespace of the buyer's tables, and the Liqo cluster id that it states
 */
export async function openOtherSeller(
  buyer: Cluster,
  name: string,
  change: (honest: MarketBackend, keys: SigningKeys) => Partial<MarketBackend>,
  published?: SigningKeys['jwks'],
  { namespace = 'fluidos', liqoID = name }: { readonly namespace?: string; readonly liqoID?: string } = {},
): Promise<OtherSeller> {
  const additionalInformation = { liqoID };
  const seller = { ID: name, IP: '127.0.0.1:3004', domain: 'edge', additionalInformation };
  const keys = await loadSigningKeys(await generateSigningKey());
  const ledger = createLedgerMarket(keys, { seller, price: '0.01' });
  const calls: string[] = [];
  const acting: MarketBackend = { ...ledger.market, ...change(ledger.market, keys) };
  const market = new Proxy(acting, {
    get(target, operation: keyof MarketBackend) {
      const act = target[operation] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (operation !== 'notReady') calls.push(operation);
        return act(...args);
      };
    },
  });
  const shown = published ? { ...keys, jwks: published } : keys;
  const app = createGateway({ market, catalog: ledger.catalog, keys: shown, logger: pino({ level: 'silent' }) });
  const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 })).host;
  const row = `${name}-${randomUUID().slice(0, 8)}`;
  const spec = { address, source: 'static', observedAt: new Date().toISOString() };
  await buyer.create(tableKinds.KnownCluster, { metadata: { name: row, namespace }, ...{ spec } });
  return {
    market: ledger,
    calls,
    async close() {
      await buyer.delete(tableKinds.KnownCluster, row, namespace);
      await app.close();
    },
  };
}
