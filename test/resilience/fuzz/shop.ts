import { pino } from 'pino';
import type { SigningKeys } from '../../../src/signing/keys.ts';
import type { Flavor } from '../../../src/schemas/wire.ts';
import { createGateway } from '../../../src/rear/server.ts';
import { createLedgerMarket, type LedgerMarket } from '../../../src/rear/testing/ledger-market.ts';
import { AnswerProxy } from './answer-proxy.ts';

/** A seller in memory whose answers can be spoilt on their way. */
export interface Shop {
  /** host:port; what it says there may be spoilt. */
  readonly proxy: AnswerProxy;
  /** What is on offer now, as the seller itself knows it. */
  flavor(): Flavor;
  /** Gives back everything that was held or sold. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const silent = pino({ level: 'silent' });
/** What a ledger remembers of earlier sales makes it slow in the end. */
const salesOfLedger = 300;

/** @param kubeconfig base64, what its buyers get */
export async function openShop(id: string, price: string, keys: SigningKeys, kubeconfig: string): Promise<Shop> {
  const seller = { ID: id, IP: '127.0.0.1:3004', domain: 'fuzz', additionalInformation: { liqoID: id } };
  const open = (): LedgerMarket => createLedgerMarket(keys, { seller, price, credentials: async () => kubeconfig });
  let ledger = open();
  const current = new Proxy(ledger.market, {
    get: (_, operation: keyof LedgerMarket['market']) => ledger.market[operation],
  });
  const catalog = {
    get version() {
      return ledger.catalog.version;
    },
    list: () => ledger.catalog.list(),
  };
  const app = createGateway({
    market: current,
    catalog,
    keys,
    logger: silent,
    limits: { changesPerSecond: 1_000_000 },
  });
  const proxy = await AnswerProxy.start(Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port));
  return {
    proxy,
    flavor() {
      const [served] = ledger.catalog.list();
      if (!served) throw new Error(`${id} has nothing on offer`);
      return served.flavor;
    },
    async clear() {
      const { sales } = ledger.ledger();
      if (sales.length > salesOfLedger) ledger = open();
      const context = { address: '127.0.0.1', lenient: true, signal: new AbortController().signal };
      for (const { phase, transactionID, contractID } of sales) {
        if (phase === 'Held') await ledger.market.releaseTransaction(transactionID, context);
        if (phase === 'Purchased' && contractID !== undefined)
          await ledger.market.endContract(contractID, 'over', context);
      }
    },
    async close() {
      await proxy.close();
      await app.close();
    },
  };
}
