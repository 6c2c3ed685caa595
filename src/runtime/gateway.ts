import { randomUUID } from 'node:crypto';
import { createBuyerIdentity } from '../gateway/buyer-identity.ts';
import { openCatalog } from '../gateway/catalog.ts';
import { openCommandLines } from '../gateway/commands.ts';
import { openContractStore } from '../gateway/contract-store.ts';
import { guardEpoch } from '../gateway/epoch-guard.ts';
import { openGrantWaiters } from '../gateway/grant-waiters.ts';
import { openPulse } from '../gateway/pulse.ts';
import { openRetryPacer } from '../gateway/retry-pacer.ts';
import { createTemporalMarket } from '../gateway/temporal-market.ts';
import { openTransactionStore } from '../gateway/transaction-store.ts';
import type { Running } from '../platform/running.ts';
import { createGateway } from '../rear/server.ts';
import { durationMs } from '../schemas/duration.ts';
import type { NodeContext } from './context.ts';

/** How often Temporal is asked whether it is there, and how long it may take to answer, milliseconds. */
const pulseMs = 2_000;
const answerMs = 3_000;

/** The REAR gateway of a node, listening. @throws RearflowError when the port is taken */
export async function startGateway(context: NodeContext): Promise<Running> {
  const { config, cluster, temporal, self, keys, rear, log } = context;
  const namespace = config.tables.namespace;
  const { client } = temporal;
  const catalog = openCatalog(cluster, namespace, durationMs(config.market.flavorExpiry));
  const contracts = openContractStore(cluster, namespace, self.nodeID);
  const transactions = openTransactionStore(cluster, namespace);
  const identity = createBuyerIdentity({ self, ownKey: keys.identity.kid, contracts, transactions });
  const room = openGrantWaiters(temporal.client, randomUUID().slice(0, 8));
  const commands = openCommandLines(temporal.client, (originHash) => room.asking(originHash));
  const ttpMs = durationMs(config.market.ttp);
  const market = createTemporalMarket({
    cluster,
    client: temporal.client,
    catalog,
    contracts,
    transactions,
    identity,
    commands,
    room,
    pacer: openRetryPacer(),
    rear,
    sellerID: context.self.nodeID,
    namespace,
    ttpMs,
    longestTermMs: durationMs(config.market.longestTerm),
  });
  const pulse = openPulse(
    'Temporal',
    () => client.withDeadline(Date.now() + answerMs, () => client.workflowService.getSystemInfo({})),
    pulseMs,
  );
  const guarded = guardEpoch({ ...market, notReady: () => pulse.problem() ?? market.notReady() }, () =>
    context.epoch.problem(),
  );
  const { changesPerSecond } = config.gateway;
  const app = createGateway({ market: guarded, catalog, keys, logger: log, limits: { changesPerSecond } });
  await app.listen({ host: config.gateway.host, port: config.gateway.port });
  return {
    async close() {
      pulse.close();
      room.close();
      await app.close();
      catalog.close();
      contracts.close();
      transactions.close();
    },
  };
}
