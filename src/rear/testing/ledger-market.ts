import { EventEmitter, once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { signContract, type ContractDocument } from '../../signing/carry.ts';
import type { SigningKeys } from '../../signing/keys.ts';
import { signReceipt } from '../../signing/receipt.ts';
import { advance } from '../../market/ledger/advance.ts';
import { applyCommand } from '../../market/ledger/apply.ts';
import { returnSold } from '../../market/ledger/release.ts';
import { parcelPrice } from '../../market/ledger/parcel-price.ts';
import { openLedger, type Ledger, type Mint, type Origin, type Sale } from '../../market/ledger/state.ts';
import { parseDuration } from '../../schemas/duration.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { Flavor, type NodeIdentity, type Transaction } from '../../schemas/wire.ts';
import type { FlavorSource, MarketBackend, ReserveOrder, ServedFlavor } from '../backend.ts';
import { wireContract, wireFlavor } from '../dialect.ts';

/** A seller without Temporal and Kubernetes: the real ledger in memory behind the gateway's port. For tests. */
export interface LedgerMarket {
  readonly market: MarketBackend;
  /** The ledger as it is now; late holds are given back first. */
  ledger(): Ledger;
  readonly catalog: FlavorSource;
  /** Everything that left a request handler, to look for secrets in. */
  readonly seen: unknown[];
  /** Reservations whose caller hung up. */
  readonly hungUp: string[];
}

const milan: NodeIdentity = {
  ID: 'milan',
  IP: '127.0.0.1:3004',
  domain: 'edge',
  additionalInformation: { liqoID: 'milan' },
};

export interface LedgerMarketOptions {
  readonly ttpMs?: number;
  readonly seller?: NodeIdentity;
  /** How far the seller's clock is ahead, milliseconds; negative = behind. */
  readonly clockAheadMs?: number;
  /** Price of the whole origin per hour, EUR. */
  readonly price?: string;
  /** Base64 kubeconfig for the buyer of a contract. */
  readonly credentials?: (sale: Sale) => Promise<string>;
  /** Ends the service of a contract; its receipt is signed afterward. */
  readonly end?: (contractID: string, sale: Sale) => Promise<readonly ReadBack[]>;
}

export function createLedgerMarket(keys: SigningKeys, options: LedgerMarketOptions = {}): LedgerMarket {
  const { seller = milan, clockAheadMs = 0 } = options;
  const clock = (): number => Date.now() + clockAheadMs;
  const id = (): string => `0123456789-${randomBytes(11).toString('hex')}-${BigInt(clock()) * 1_000_000n}`;
  const mint: Mint = {
    flavorID: id,
    transactionID: id,
    contractID: () => `c-${randomBytes(8).toString('hex')}`,
    now: clock,
  };
  const origin: Origin = {
    hash: '0123456789',
    name: 'worker-1',
    worth: { cpu: '8', memory: '16Gi', pods: '110' },
    architecture: 'amd64',
    policy: { cpuMin: '0', memoryMin: '0', podsMin: '0', cpuStep: '0', memoryStep: '0', podsStep: '0' },
    price: { amount: options.price ?? '0.40', currency: 'EUR', period: 'hourly' },
    properties: {},
  };
  let ledger: Ledger = openLedger(origin, mint);
  let version = 1;
  const receipts = new Map<string, string>();
  const endings = new Map<string, Promise<void>>();
  const ended = new EventEmitter();
  const documents = new Map<string, ContractDocument>();
  const seen: unknown[] = [];
  const hungUp: string[] = [];

  const set = (next: Ledger): void => {
    ledger = next;
    version += 1;
  };
  const offer = (parcel: Ledger['parcels'][number], availability: boolean): Flavor => {
    const { cpu = '0', memory = '0', pods = '0' } = parcel.amounts;
    const characteristics = { architecture: origin.architecture, cpu, memory, pods };
    const type = { name: 'k8slice', data: { characteristics, policies: { partitionability: origin.policy } } };
    const price = parcelPrice(parcel.amounts, origin);
    return Flavor.parse({ flavorID: parcel.flavorID, type, price, owner: seller, availability });
  };
  const served = (flavor: Flavor): ServedFlavor => ({ flavor, bytes: Buffer.from(JSON.stringify(wireFlavor(flavor))) });
  const transactionOf = (sale: Sale): Transaction => ({
    transactionID: sale.transactionID,
    flavorID: sale.flavorID,
    buyer: sale.buyer,
    clusterID: sale.clusterID,
    configuration: sale.configuration,
    expirationTime: new Date(sale.deadline).toISOString(),
  });
  const saleOf = (transactionID: string): Sale | undefined =>
    ledger.sales.find((each) => each.transactionID === transactionID);
  const unknown = { ok: false, code: 'NotFound', detail: 'there is no such thing', sellerID: seller.ID } as const;

  async function sell(sale: Sale, contractID: string): Promise<ContractDocument> {
    const known = documents.get(sale.transactionID);
    if (known) return known;
    const parcel = ledger.parcels.find((each) => each.contractID === contractID);
    if (!parcel) throw new Error('a sale without a parcel');
    const document = wireContract({
      contractID,
      transactionID: sale.transactionID,
      flavor: offer(parcel, true),
      buyerID: sale.buyer,
      buyerClusterID: sale.clusterID,
      seller,
      configuration: sale.configuration,
      expirationTime: new Date(clock() + sale.termMs).toISOString(),
    });
    const signed = await signContract(document, keys);
    documents.set(sale.transactionID, signed);
    return signed;
  }
  const withCredentials = async (document: ContractDocument, sale: Sale): Promise<ContractDocument> => ({
    ...document,
    peeringTargetCredentials: {
      clusterID: seller.additionalInformation?.liqoID ?? seller.ID,
      kubeconfig: (await options.credentials?.(sale)) ?? 'c2VsbGVyLXNlY3JldA==',
    },
  });
  /** The receipt follows when the service has ended; asking twice ends it once. */
  async function close(contractID: string, reason: string): Promise<void> {
    const sale = ledger.sales.find((each) => each.contractID === contractID);
    const objects = sale ? ((await options.end?.(contractID, sale)) ?? []) : [];
    set(returnSold(ledger, contractID, mint));
    const receipt = {
      contractID,
      seller: seller.ID,
      buyer: sale?.buyer.ID ?? 'turin',
      endedAt: new Date(clock()).toISOString(),
      by: 'buyer' as const,
      reason,
      objects: [...objects],
    };
    receipts.set(contractID, await signReceipt(receipt, keys));
    ended.emit(`end of ${contractID}`);
  }

  const market: MarketBackend = {
    reserve: async (order: ReserveOrder, { idempotencyKey, waitMs, signal }) => {
      seen.push(order.request);
      const { request } = order;
      const command = {
        kind: 'reserve',
        key: idempotencyKey ?? id(),
        flavorID: request.flavorID,
        buyer: request.buyerID,
        clusterID: request.buyerID.additionalInformation?.liqoID ?? '',
        ...(order.buyerKey === undefined ? {} : { buyerKey: order.buyerKey }),
        termMs: parseDuration(request.term ?? '') ?? 3_600_000,
        ttpMs: options.ttpMs ?? 60_000,
        ...(request.configuration ? { configuration: request.configuration } : {}),
      } as const;
      const [next, answer] = applyCommand(ledger, command, mint);
      set(next);
      if (!answer.ok && answer.code === 'FlavorHeld' && waitMs !== undefined) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        hungUp.push(request.flavorID);
      }
      if (!answer.ok) return answer.code === 'FlavorHeld' ? { ...answer, retryAfterMs: 1500 } : answer;
      if (!('sale' in answer)) throw new Error('RESERVE answers with a sale');
      return {
        ok: true,
        transaction: transactionOf(answer.sale),
        contractDraft: { transactionID: answer.sale.transactionID },
      };
    },
    release: async (key) => {
      set(applyCommand(ledger, { kind: 'release', key }, mint)[0]);
      return { ok: true };
    },
    releaseTransaction: async (transactionID) => {
      set(applyCommand(ledger, { kind: 'release', transactionID }, mint)[0]);
      return { ok: true };
    },
    transaction: async (transactionID) => {
      const sale = saleOf(transactionID);
      return sale ? { ok: true, transaction: transactionOf(sale) } : unknown;
    },
    purchase: async (transactionID, body) => {
      seen.push(body);
      const [next, answer] = applyCommand(ledger, { kind: 'purchase', transactionID }, mint);
      set(next);
      if (!answer.ok) return answer;
      if (!('contractID' in answer)) throw new Error('PURCHASE answers with a contract');
      return { ok: true, document: await withCredentials(await sell(answer.sale, answer.contractID), answer.sale) };
    },
    contract: async (which) => {
      const document =
        'transactionID' in which
          ? documents.get(which.transactionID)
          : [...documents.values()].find((each) => each['contractID'] === which.contractID);
      return document ? { ok: true, document } : unknown;
    },
    renew: async () => ({ ok: false, code: 'CannotRenew', detail: 'the contract is over' }),
    endContract: async (contractID, reason) => {
      const known = [...documents.values()].find((each) => each['contractID'] === contractID);
      if (!known) return unknown;
      const ending = endings.get(contractID) ?? close(contractID, reason);
      endings.set(contractID, ending);
      if (options.end === undefined) await ending;
      else ending.catch(() => endings.delete(contractID));
      return { ok: true };
    },
    receipt: async (contractID, { waitMs = 0, signal }) => {
      if (!receipts.has(contractID) && waitMs > 0) {
        const patience = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
        await once(ended, `end of ${contractID}`, { signal: patience }).catch(() => undefined);
      }
      const receipt = receipts.get(contractID);
      return { ok: true, ...(receipt === undefined ? {} : { receipt }) };
    },
    confirm: async (confirmation) => {
      seen.push(confirmation);
      return { ok: true };
    },
    notice: async (notice) => {
      seen.push(notice);
      return { ok: true };
    },
    isKnown: (id) => saleOf(id) !== undefined || ledger.sales.some(({ buyerKey }) => buyerKey === id),
    notReady: () => undefined,
  };
  const present = (): Ledger => {
    const next = advance(ledger, mint);
    if (next !== ledger) set(next);
    return ledger;
  };
  const catalog: FlavorSource = {
    get version() {
      return version;
    },
    list: () =>
      present()
        .parcels.filter((each) => each.state === 'free')
        .map((parcel) => served(offer(parcel, true))),
  };
  return { market, catalog, seen, hungUp, ledger: present };
}
