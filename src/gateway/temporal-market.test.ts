import { afterAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { connectCluster } from '../kubernetes/connect.ts';
import { createBuyerIdentity } from './buyer-identity.ts';
import { openCatalogue } from './catalogue.ts';
import { openCommandLines } from './commands.ts';
import { openContractStore } from './contract-store.ts';
import { openCrowd } from './crowd.ts';
import { createTemporalMarket } from './temporal-market.ts';
import { openTransactionStore } from './transaction-store.ts';
import { openWaitingRoom } from './waiting-room.ts';

/*
 * A gateway that has just started, or whose API server and Temporal do not answer.
 */

const nowhere = `
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: u, user: { token: t } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`;

const cluster = connectCluster(nowhere);
const connection = Connection.lazy({ address: '127.0.0.1:1' });
const client = new Client({ connection });
const catalogue = openCatalogue(cluster, 'fluidos', 60_000);
const contracts = openContractStore(cluster, 'fluidos', 'milan');
const transactions = openTransactionStore(cluster, 'fluidos');
const room = openWaitingRoom(client, 'here');
const self = { nodeID: 'milan', liqoID: 'milan' };
const market = createTemporalMarket({
  cluster,
  client,
  catalogue,
  contracts,
  transactions,
  identity: createBuyerIdentity({ self, ownKey: 'k', contracts, transactions }),
  commands: openCommandLines(client),
  room,
  crowd: openCrowd(),
  rear: { jwks: () => Promise.reject(new Error('nobody is asked')) },
  sellerID: 'milan',
  namespace: 'fluidos',
  ttpMs: 60_000,
  longestTermMs: 3_600_000,
});

afterAll(async () => {
  room.close();
  catalogue.close();
  contracts.close();
  transactions.close();
  await connection.close();
  await cluster.close();
});

const id = `0123456789-${'a'.repeat(22)}-1795261103000000000`;
const contractID = 'c-0123456789-0123456789abcdef';
const context = { lenient: false, idempotencyKey: 'k', signal: new AbortController().signal };
const buyerID = { ID: 'turin', IP: 'h:1', domain: '', additionalInformation: { liqoID: 'turin' } };
const confirmation = `e30.${Buffer.from(JSON.stringify({ contractID })).toString('base64url')}.x`;

test.each([
  ['a reservation', () => market.reserve({ request: { flavorID: id, buyerID } }, context)],
  ['a purchase', () => market.purchase(id, {}, context)],
  ['a release', () => market.release('k')],
  ['a release by transaction', () => market.releaseTransaction(id, context)],
  ['a confirmation', () => market.confirm(confirmation, context)],
  ['a transaction that is not named by an id', () => market.transaction('t', context)],
  ['a contract that is not named by an id', () => market.contract({ contractID: 'c' }, context)],
  ['an end', () => market.endContract('c', 'enough', context)],
  ['a receipt', () => market.receipt('c', context)],
  ['a renewal', () => market.renew('c', { term: '1m' }, context)],
])('before the tables are read, the answer about %s is not yet, never no', async (_, ask) => {
  expect(await ask()).toMatchObject({ ok: false, code: 'NotReady' });
  expect(await ask()).not.toHaveProperty('sellerID');
});

test('a gateway is not ready before the tables are read', () => {
  expect(market.notReady()).toBe('the tables are still being read');
});
