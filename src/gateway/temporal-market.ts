import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ContractDocument } from '../contract/carry.ts';
import { RearflowError } from '../platform/errors.ts';
import { TokenBucket } from '../platform/token-bucket.ts';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { Refusal } from '../market/ledger/gone.ts';
import type { Sale } from '../market/ledger/state.ts';
import type { BackendAnswer, BackendRefusal, BoughtContract, MarketBackend } from '../rear/backend.ts';
import type { RearClient } from '../rear/client.ts';
import { parseDuration } from '../schemas/duration.ts';
import { Configuration, type Transaction } from '../schemas/wire.ts';
import { signedContractOf } from '../tables/contract-row.ts';
import { wireIdentityOf } from '../tables/spelling.ts';
import { contractWorkflowId, endSignal } from '../workflows/contract/messages.ts';
import { inventoryId, ledgerQuery, originHashOf, originOfContract } from '../workflows/inventory/messages.ts';
import { clusterOf, keyDigest, type BuyerIdentity } from './buyer-identity.ts';
import type { Catalogue } from './catalogue.ts';
import type { CommandLines } from './commands.ts';
import type { ContractRow, ContractStore } from './contract-store.ts';
import type { Crowd } from './crowd.ts';
import { originsOf } from './origins.ts';
import { renewContract } from './renew.ts';
import { openReservationKeys } from './reservation-keys.ts';
import { reserveInTurn } from './reserve.ts';
import { createSellersWord } from './sellers-word.ts';
import type { TransactionRow, TransactionStore } from './transaction-store.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface TemporalMarketDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly catalogue: Catalogue;
  readonly contracts: ContractStore;
  readonly transactions: TransactionStore;
  readonly identity: BuyerIdentity;
  readonly commands: CommandLines;
  readonly room: WaitingRoom;
  readonly crowd: Crowd;
  readonly rear: Pick<RearClient, 'jwks'>;
  /** Node id. */
  readonly sellerID: string;
  /** Namespace of the tables. */
  readonly namespace: string;
  readonly ttpMs: number;
  /** Longest term that is sold, milliseconds. */
  readonly longestTermMs: number;
}

/** How many callers a second may ask for what no watch has told of. */
const looksPerSecond = 50;
const defaultTermMs = 3_600_000;
/** How long a PURCHASE waits for its Contract row. */
const openingMs = 30_000;
/** How long a caller may wait for a receipt at most. */
const receiptMs = 30_000;

const isOpen = ({ status }: ContractRow): boolean => status?.phase !== undefined;
const hasReceipt = ({ status }: ContractRow): boolean => status?.receipt !== undefined;

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** The market of this node as the gateway sees it: commands to the inventories, reads from the tables. */
export function createTemporalMarket(deps: TemporalMarketDeps): MarketBackend {
  const { cluster, client, catalogue, contracts, transactions, identity, commands, namespace } = deps;
  const keys = openReservationKeys();
  const origins = originsOf([catalogue, contracts, transactions]);
  const looks = new TokenBucket(looksPerSecond, looksPerSecond);
  const strangeReleases = new TokenBucket(looksPerSecond, looksPerSecond * 5);
  const word = createSellersWord(deps);

  async function documentOf(row: ContractRow, withCredentials: boolean): Promise<BackendAnswer<BoughtContract>> {
    const document = signedContractOf(row);
    if (!document) return refuse('NotFound', 'this contract was not sold by this node');
    const { credentialsSecret } = row.spec;
    if (!withCredentials || credentialsSecret === undefined) return { ok: true, document };
    const secret = await cluster.get<Secret>(kinds.Secret, credentialsSecret, namespace);
    const kubeconfig = secret?.data?.['kubeconfig'];
    if (kubeconfig === undefined) return { ok: true, document };
    const clusterID = row.spec.seller.additionalInformation?.liqoID ?? row.spec.seller.nodeID;
    return {
      ok: true,
      document: { ...document, peeringTargetCredentials: { clusterID, kubeconfig } } satisfies ContractDocument,
    };
  }

  /** Whoever releases what was not reserved here may be right, but must not keep the inventories busy. */
  function strange(): BackendRefusal | undefined {
    const retryAfterMs = strangeReleases.take();
    if (retryAfterMs === 0) return undefined;
    return { ...refuse('TooMany', 'too many release what was not reserved here'), retryAfterMs };
  }

  const noTransaction: BackendRefusal = {
    ...refuse('NotFound', 'there is no such transaction'),
    sellerID: deps.sellerID,
  };

  /** Before all rows are read, nothing is known about a contract that is not there. */
  function noContract(): BackendRefusal {
    if (!contracts.synced) return { ...refuse('NotReady', 'the contracts are still being read'), retryAfterMs: 1_000 };
    return { ...refuse('NotFound', 'there is no such contract'), sellerID: deps.sellerID };
  }

  /** Before all tables are read, nobody can be told from somebody else. */
  function unsynced(): BackendRefusal | undefined {
    if (catalogue.synced && contracts.synced && transactions.synced) return undefined;
    return { ...refuse('NotReady', 'the tables are still being read'), retryAfterMs: 1_000 };
  }

  /**
   * A second look at what the watches have not told yet. Origins that never were are known from memory, and so many looks
   * are free, or strangers could keep Temporal and the API server busy.
   *
   * @throws RearflowError `NotReady`
   */
  async function look<T>(
    originHash: string | undefined,
    at: (originHash: string) => Promise<T>,
  ): Promise<T | undefined> {
    if (originHash === undefined || origins.neverWas(originHash)) return undefined;
    if (looks.take() > 0) throw new RearflowError('NotReady', 'too many ask for what is not known here');
    return at(originHash);
  }

  const rowOf = async (contractID: string): Promise<ContractRow | undefined> =>
    contracts.get(contractID) ??
    (await look(originOfContract(contractID), () =>
      cluster.get<ContractRow>(tableKinds.Contract, contractID, namespace),
    ));

  async function sold(transactionID: string): Promise<boolean> {
    const { phase } = transactions.get(transactionID)?.status ?? {};
    if (phase === 'Released' || phase === 'Expired') return false;
    const found = await look(originHashOf(transactionID), async (origin) => {
      try {
        const { sales } = await client.workflow.getHandle(inventoryId(origin)).query(ledgerQuery);
        return sales.some((sale) => sale.transactionID === transactionID && sale.phase === 'Purchased');
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    });
    return found === true;
  }

  return {
    async reserve({ request, buyerKey }, { idempotencyKey, waitMs, lenient, signal }) {
      const early = unsynced();
      if (early) return early;
      const origin = originHashOf(request.flavorID);
      if (origin === undefined || origins.neverWas(origin)) return refuse('FlavorGone', 'there is no such flavor');
      const termMs =
        request.term === undefined ? Math.min(defaultTermMs, deps.longestTermMs) : parseDuration(request.term);
      if (termMs === undefined || termMs <= 0 || termMs > deps.longestTermMs) {
        const most = `at most ${String(deps.longestTermMs / 1_000)}s`;
        return { ...refuse('InvalidRequest', `term: must be a duration of ${most}, such as 1h`), field: 'term' };
      }
      const namesake = identity.namesake(request.buyerID, buyerKey);
      if (namesake) return namesake;
      const key = idempotencyKey === undefined ? randomUUID() : keyDigest(idempotencyKey);
      if (!keys.use(key, origin)) return refuse('FlavorGone', 'this reservation was released');
      const command = {
        kind: 'reserve',
        key,
        ...(idempotencyKey === undefined ? {} : { keyed: true }),
        flavorID: request.flavorID,
        buyer: request.buyerID,
        clusterID: clusterOf(request.buyerID),
        ...(buyerKey === undefined ? {} : { buyerKey }),
        termMs,
        ttpMs: deps.ttpMs,
        lenient,
        ...(request.configuration ? { configuration: request.configuration } : {}),
      } as const;
      const call = { originHash: origin, command, signal, ...(waitMs === undefined ? {} : { waitMs }) };
      const answer = await reserveInTurn(deps, call);
      return answer.ok ? { ok: true, transaction: transactionOf(answer.sale) } : refused(answer);
    },

    async release(idempotencyKey) {
      const early = unsynced();
      if (early) return early;
      const key = keyDigest(idempotencyKey);
      const origin = keys.originOf(key, idempotencyKey);
      if (origin === undefined || origins.neverWas(origin)) {
        keys.bar(key);
        return { ok: true };
      }
      const crowded = keys.seen(key) ? undefined : strange();
      if (crowded) return crowded;
      await commands.send(origin, { kind: 'release', key });
      return { ok: true };
    },

    async releaseTransaction(transactionID, { idempotencyKey }) {
      const early = unsynced();
      if (early) return early;
      const origin = originHashOf(transactionID);
      if (origin === undefined || origins.neverWas(origin)) return { ok: true };
      const crowded = transactions.get(transactionID) ? undefined : strange();
      if (crowded) return crowded;
      const caller = idempotencyKey === undefined ? {} : { callerKey: keyDigest(idempotencyKey) };
      const answer = await commands.send(origin, { kind: 'release', transactionID, ...caller });
      return answer.ok || answer.code !== 'NotYours' ? { ok: true } : refused(answer);
    },

    async transaction(transactionID) {
      const row =
        transactions.get(transactionID) ??
        (await look(originHashOf(transactionID), () =>
          cluster.get<TransactionRow>(tableKinds.Transaction, transactionID, namespace),
        ));
      if (!row) return unsynced() ?? noTransaction;
      const { spec } = row;
      const { type = '', data } = spec.configuration ?? {};
      const configuration = Configuration.safeParse({ type: type.toLowerCase(), data });
      return {
        ok: true,
        transaction: {
          transactionID,
          flavorID: spec.flavorID,
          buyer: wireIdentityOf(spec.buyer),
          clusterID: spec.clusterID,
          expirationTime: spec.expirationTime ?? '',
          ...(configuration.success ? { configuration: configuration.data } : {}),
        },
      };
    },

    async purchase(transactionID, _body, { idempotencyKey, signal }) {
      const early = unsynced();
      if (early) return early;
      const origin = originHashOf(transactionID);
      if (origin === undefined || origins.neverWas(origin)) return noTransaction;
      const caller = idempotencyKey === undefined ? {} : { key: keyDigest(idempotencyKey) };
      const answer = await commands.send(origin, { kind: 'purchase', transactionID, ...caller });
      if (!answer.ok) return refused(answer);
      if (!('contractID' in answer)) return refuse('NotFound', 'no answer');
      const row = await contracts.when(answer.contractID, isOpen, { timeoutMs: openingMs, signal });
      if (row) return identity.notHis(row, idempotencyKey) ?? documentOf(row, true);
      return beingOpened;
    },

    async contract(which, { idempotencyKey }) {
      const row = 'contractID' in which ? await rowOf(which.contractID) : contracts.ofTransaction(which.transactionID);
      // An open gateway knows the buyer only by his key: whoever has none gets no credentials.
      if (row) return identity.notHis(row, idempotencyKey) ?? documentOf(row, row.spec.buyerProof !== undefined);
      // Sold and not yet opened: a buyer who asks whether he bought must not hear no.
      if ('transactionID' in which && (await sold(which.transactionID))) return beingOpened;
      return noContract();
    },

    async renew(contractID, request, { idempotencyKey }) {
      const row = await rowOf(contractID);
      if (!row) return noContract();
      return renewContract(client, identity, row, request, idempotencyKey);
    },

    async endContract(contractID, reason, { idempotencyKey }) {
      const row = await rowOf(contractID);
      if (!row) return noContract();
      const stranger = identity.notHis(row, idempotencyKey);
      if (stranger) return stranger;
      if (row.status?.phase === 'Ended') return { ok: true };
      try {
        await client.workflow.getHandle(contractWorkflowId(contractID)).signal(endSignal, { by: 'buyer', reason });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      return { ok: true };
    },

    async receipt(contractID, { idempotencyKey, waitMs = 0, signal }) {
      const known = await rowOf(contractID);
      const refusal = known ? identity.notHis(known, idempotencyKey) : noContract();
      if (refusal) return refusal;
      const row = await contracts.when(contractID, hasReceipt, { timeoutMs: Math.min(waitMs, receiptMs), signal });
      const receipt = row?.status?.receipt;
      return { ok: true, ...(receipt === undefined ? {} : { receipt }) };
    },

    confirm: (confirmation) => word.confirmed(confirmation),
    notice: (notice) => word.ends(notice),
    isKnown: (id) =>
      contracts.get(id) !== undefined ||
      transactions.get(id)?.status?.phase === 'Held' ||
      [contracts, transactions].some(({ living }) => living.has(id)),
    notReady() {
      if (unsynced()) return 'the tables are still being read';
      const live = [catalogue, contracts, transactions].every((each) => each.live);
      return live ? undefined : 'a watch of the tables is broken';
    },
  };
}

function transactionOf(sale: Sale): Transaction {
  const { transactionID, flavorID, configuration, buyer, clusterID, deadline } = sale;
  return { transactionID, flavorID, configuration, buyer, clusterID, expirationTime: new Date(deadline).toISOString() };
}

const refuse = (code: BackendRefusal['code'], detail: string): BackendRefusal => ({ ok: false, code, detail });

const beingOpened: BackendRefusal = {
  ...refuse('NotReady', 'the contract is being opened; the same request returns it'),
  retryAfterMs: 1_000,
};

function refused(answer: Refusal): BackendRefusal {
  const { code, detail, successors, until } = answer;
  const retryAfterMs = until === undefined ? {} : { retryAfterMs: Math.max(until - Date.now(), 1_000) };
  return { ok: false, code, detail, successors: [...successors], ...retryAfterMs };
}
