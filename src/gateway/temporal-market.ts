import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { Cluster, KubeObject } from '../kubernetes/cluster.ts';
import { kinds } from '../kubernetes/kinds.ts';
import type { Refusal } from '../market/ledger/refusal.ts';
import type { Sale } from '../market/ledger/state.ts';
import { contractWorkflowId, endSignal } from '../messages/contract/messages.ts';
import { originHashOf } from '../messages/inventory/messages.ts';
import type { BackendAnswer, BackendRefusal, BoughtContract, MarketBackend } from '../rear/backend.ts';
import type { RearClient } from '../rear/client.ts';
import { parseDuration } from '../schemas/duration.ts';
import { Configuration, type Transaction } from '../schemas/wire.ts';
import type { ContractDocument } from '../signing/carry.ts';
import { wireIdentityOf } from '../tables/codec.ts';
import { signedContractOf } from '../tables/contract-row.ts';
import { clusterOf, keyDigest, type BuyerIdentity } from './buyer-identity.ts';
import type { Catalog } from './catalog.ts';
import type { CommandLines } from './commands.ts';
import type { ContractRow, ContractStore } from './contract-store.ts';
import type { GrantWaiters } from './grant-waiters.ts';
import { originsOf } from './origins.ts';
import { renewContract } from './renew.ts';
import { openReservationKeys, type Became } from './reservation-keys.ts';
import { reserveInTurn } from './reserve.ts';
import type { RetryPacer } from './retry-pacer.ts';
import { createSecondLook } from './second-look.ts';
import { createSellerNotices } from './seller-notices.ts';
import { openStrangers } from './strangers.ts';
import type { TransactionStore } from './transaction-store.ts';

export interface TemporalMarketDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly catalog: Catalog;
  readonly contracts: ContractStore;
  readonly transactions: TransactionStore;
  readonly identity: BuyerIdentity;
  readonly commands: CommandLines;
  readonly room: GrantWaiters;
  readonly pacer: RetryPacer;
  readonly rear: Pick<RearClient, 'jwks'>;
  /** Node id. */
  readonly sellerID: string;
  /** Namespace of the tables. */
  readonly namespace: string;
  readonly ttpMs: number;
  /** Longest term that is sold, milliseconds. */
  readonly longestTermMs: number;
}

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
  const { cluster, client, catalog, contracts, transactions, identity, commands, namespace } = deps;
  const keys = openReservationKeys();
  const origins = originsOf([catalog, contracts, transactions]);
  const second = createSecondLook({ ...deps, origins });
  const strangers = openStrangers({ perSecond: 10, atOnce: 50 }, { perSecond: 100, atOnce: 500 });
  const word = createSellerNotices(deps);

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

  /**
   * Who calls in the name of an origin that no table tells of, or of a reservation that nothing here tells of, may be
   * right, but must not keep the inventories busy.
   *
   * @param never the answer when there never was such an origin
   * @param isKnown does something here tell of what the caller means?
   * @returns the origin, when its inventory is to be asked
   */
  function routed<T extends object>(
    origin: string | undefined,
    never: T,
    address: string,
    isKnown?: boolean,
  ): string | T | BackendRefusal {
    const found = origin === undefined ? 'never' : origins.find(origin);
    if (origin === undefined || found === 'never') return never;
    const retryAfterMs = (isKnown ?? found === 'here') ? 0 : strangers.take(address);
    if (retryAfterMs === 0) return origin;
    return { ...refuse('TooMany', 'too many ask for what is not known here'), retryAfterMs };
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
    if (catalog.synced && contracts.synced && transactions.synced) return undefined;
    return { ...refuse('NotReady', 'the tables are still being read'), retryAfterMs: 1_000 };
  }

  return {
    async reserve({ request, buyerKey }, { idempotencyKey, waitMs, lenient, signal, address }) {
      const early = unsynced();
      if (early) return early;
      const origin = routed(originHashOf(request.flavorID), noFlavor, address);
      if (typeof origin !== 'string') return origin;
      const termMs =
        request.term === undefined ? Math.min(defaultTermMs, deps.longestTermMs) : parseDuration(request.term);
      if (termMs === undefined || termMs <= 0 || termMs > deps.longestTermMs) {
        const most = `at most ${String(deps.longestTermMs / 1_000)}s`;
        return { ...refuse('InvalidRequest', `term: must be a duration of ${most}, such as 1h`), field: 'term' };
      }
      const namesake = identity.namesake(request.buyerID, buyerKey);
      if (namesake) return namesake;
      const key = idempotencyKey === undefined ? randomUUID() : keyDigest(idempotencyKey);
      const answered = idempotencyKey === undefined ? unnamed : keys.begin(key, origin);
      if (!answered) return refuse('FlavorGone', 'this reservation was released');
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
      // A command that failed may have been heard all the same.
      let became: Became = 'held';
      try {
        const answer = await reserveInTurn(deps, call);
        became = becameOf(answer, waitMs !== 0 && !signal.aborted);
        return answer.ok ? { ok: true, transaction: transactionOf(answer.sale) } : refused(answer);
      } finally {
        answered(became);
      }
    },

    async release(idempotencyKey, { address }) {
      const early = unsynced();
      if (early) return early;
      const key = keyDigest(idempotencyKey);
      const origin = routed(keys.originOf(key, idempotencyKey), nothing, address, keys.seen(key));
      if (origin === nothing) keys.bar(key);
      if (typeof origin !== 'string') return origin;
      await commands.send(origin, { kind: 'release', key });
      keys.forget(key);
      return nothing;
    },

    async releaseTransaction(transactionID, { idempotencyKey, address }) {
      const early = unsynced();
      if (early) return early;
      const isKnown = transactions.get(transactionID) !== undefined;
      const origin = routed(originHashOf(transactionID), nothing, address, isKnown);
      if (typeof origin !== 'string') return origin;
      const caller = idempotencyKey === undefined ? {} : { callerKey: keyDigest(idempotencyKey) };
      const answer = await commands.send(origin, { kind: 'release', transactionID, ...caller });
      return answer.ok || answer.code !== 'NotYours' ? nothing : refused(answer);
    },

    async transaction(transactionID, { address }) {
      const row = await second.transaction(transactionID, address);
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

    async purchase(transactionID, _body, { idempotencyKey, signal, address }) {
      const early = unsynced();
      if (early) return early;
      const origin = routed(originHashOf(transactionID), noTransaction, address);
      if (typeof origin !== 'string') return origin;
      const caller = idempotencyKey === undefined ? {} : { key: keyDigest(idempotencyKey) };
      const { spec } = transactions.get(transactionID) ?? {};
      const taken = spec !== undefined && identity.isTaken(spec.clusterID, spec.buyerKey);
      const command = { kind: 'purchase', transactionID, ...caller, ...(taken ? { taken } : {}) } as const;
      const answer = await commands.send(origin, command);
      if (!answer.ok) return refused(answer);
      if (!('contractID' in answer)) return refuse('NotFound', 'no answer');
      const row = await contracts.when(answer.contractID, isOpen, { timeoutMs: openingMs, signal });
      if (row) return identity.notOwner(row, idempotencyKey) ?? documentOf(row, true);
      return beingOpened;
    },

    async contract(which, { idempotencyKey, address }) {
      const row =
        'contractID' in which
          ? await second.contract(which.contractID, address)
          : contracts.ofTransaction(which.transactionID);
      // An open gateway knows the buyer only by its key: whoever has none gets no credentials.
      if (row) return identity.notOwner(row, idempotencyKey) ?? documentOf(row, row.spec.buyerProof !== undefined);
      // Sold and not yet opened: a buyer that asks whether it bought must not hear no.
      if ('transactionID' in which && (await second.sold(which.transactionID, address))) return beingOpened;
      return noContract();
    },

    async renew(contractID, request, { idempotencyKey, address }) {
      const row = await second.contract(contractID, address);
      if (!row) return noContract();
      return renewContract(client, identity, row, request, idempotencyKey);
    },

    async endContract(contractID, reason, { idempotencyKey, address }) {
      const row = await second.contract(contractID, address);
      if (!row) return noContract();
      const stranger = identity.notOwner(row, idempotencyKey);
      if (stranger) return stranger;
      if (row.status?.phase === 'Ended') return { ok: true };
      try {
        await client.workflow.getHandle(contractWorkflowId(contractID)).signal(endSignal, { by: 'buyer', reason });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      return { ok: true };
    },

    async receipt(contractID, { idempotencyKey, waitMs = 0, signal, address }) {
      const known = await second.contract(contractID, address);
      const refusal = known ? identity.notOwner(known, idempotencyKey) : noContract();
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
      const live = [catalog, contracts, transactions].every((each) => each.live);
      return live ? undefined : 'a watch of the tables is broken';
    },
  };
}

function transactionOf(sale: Sale): Transaction {
  const { transactionID, flavorID, configuration, buyer, clusterID, deadline } = sale;
  return { transactionID, flavorID, configuration, buyer, clusterID, expirationTime: new Date(deadline).toISOString() };
}

const refuse = (code: BackendRefusal['code'], detail: string): BackendRefusal => ({ ok: false, code, detail });

const nothing = { ok: true } as const;
const noFlavor = refuse('FlavorGone', 'there is no such flavor');
/** Nobody can release what was reserved without a key by one. */
const unnamed = (): void => undefined;

/** @param waited whoever waits in vain keeps its place for a while */
function becameOf(answer: { readonly ok: true } | Refusal, waited: boolean): Became {
  if (answer.ok) return 'held';
  return waited && answer.code === 'FlavorHeld' ? 'placed' : 'nothing';
}

const beingOpened: BackendRefusal = {
  ...refuse('NotReady', 'the contract is being opened; the same request returns it'),
  retryAfterMs: 1_000,
};

function refused(answer: Refusal): BackendRefusal {
  const { code, detail, successors, until } = answer;
  const retryAfterMs = until === undefined ? {} : { retryAfterMs: Math.max(until - Date.now(), 1_000) };
  return { ok: false, code, detail, successors: [...successors], ...retryAfterMs };
}
