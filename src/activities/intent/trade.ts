import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { createHash } from 'node:crypto';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { sliceName } from '../../liqo/names.ts';
import type { KnownSeller } from '../../market/known-seller.ts';
import { configurationAmounts } from '../../market/ledger/configuration.ts';
import type { EndContractOrder, Hold, Keyed, Purchase, Refusal } from '../../messages/intent/purchase.ts';
import type { AddressRules } from '../../platform/address-guard.ts';
import { RearflowError } from '../../platform/errors.ts';
import { wireIdentity, type Self } from '../../platform/identity.ts';
import type { Answered, Bought, RearClient } from '../../rear/client.ts';
import { isNotYet, neverWas, type RefusalReason, type Refused } from '../../rear/refusal.ts';
import { onOtherClock, onOwnClock, remainingMs } from '../../rear/remaining.ts';
import type { ReadBack, SellersWord } from '../../schemas/receipt.ts';
import type { Configuration, Flavor, Transaction } from '../../schemas/wire.ts';
import { amountsText } from '../../signing/content.ts';
import { aborting } from '../context.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { accessOf, objectionToPair } from '../known-seller.ts';
import { deleteCredentials, receivedCredentials, saveCredentials } from './credentials.ts';
import { earliestEnd, examine, sellerClusterOf } from './purchase-check.ts';
import { notReady } from './seller-keys.ts';
import { awaitReceipt, type EndedContract } from './sellers-receipt.ts';

export interface TradeDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly self: Self;
  readonly rear: RearClient;
  /** Where the API server of a seller may be. */
  readonly addresses: AddressRules;
  /** Namespace of the tables. */
  readonly namespace: string;
  readonly nodeName: string;
}

interface PurchaseOrder extends Keyed {
  readonly transactionID: string;
  readonly configuration: Configuration;
  readonly flavor: Flavor;
  readonly termMs: number;
  readonly credentialsSecret: string;
}

export type TradeActivities = ReturnType<typeof createTradeActivities>;

/** Extra information of a rearflow seller: the Kubernetes Node that was sold. */
const nodeKey = 'rearflow.io/node';

/** The buyer's side of REAR: reserve, purchase, give back. */
export function createTradeActivities(deps: TradeDeps) {
  const { self, rear, namespace, nodeName } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());
  const buyer = wireIdentity(self);

  function purchaseOf(
    { endpoint, key, configuration, credentialsSecret, termMs }: PurchaseOrder,
    { contract, serverDate, receivedAt }: Answer<Bought> & { readonly receivedAt: number },
    seller: KnownSeller,
  ): Purchase {
    const sellerCluster = sellerClusterOf(contract.seller);
    return {
      contractID: contract.contractID,
      transactionID: contract.transactionID,
      key,
      endpoint,
      sellerCluster,
      seller,
      amounts: configurationAmounts(configuration),
      expiresAt: endOfUse(contract.expirationTime, receivedAt + termMs, { serverDate, receivedAt }),
      slice: sliceName(sellerCluster, contract.contractID),
      credentialsSecret,
      local: endpoint === self.address,
      localNode: contract.extraInformation?.[nodeKey] ?? '',
      contract,
    };
  }

  /** What may be kept of a seller's credentials, base64; a seller whose credentials hold more is refused. */
  function readReceived(kubeconfig: string | undefined): { ok: true; kubeconfig: string | undefined } | Refusal {
    try {
      return { ok: true, kubeconfig: kubeconfig && receivedCredentials(kubeconfig, deps.addresses) };
    } catch (error) {
      if (!(error instanceof RearflowError)) throw error;
      return { ok: false, reason: `credentials: ${error.message}` };
    }
  }

  return {
    /** RESERVE_FLAVOR. Repeating it with the same key is the same reservation. @see docs/steps.md 14 */
    async reserve(
      args: Keyed & { flavorID: string; configuration: Configuration; term: string },
    ): Promise<Hold | Refusal> {
      const { endpoint, key, flavorID, configuration, term } = args;
      const since = Date.now();
      const body = { flavorID, buyerID: buyer, configuration, term };
      const answer = await rear.reserve(endpoint, body, {
        idempotencyKey: key,
        // Another candidate is better than a queue.
        waitMs: 0,
        lenient: true,
        signal: aborting(),
      });
      if (!answer.ok) return refusal(answer);
      const { transactionID, expirationTime } = answer.transaction;
      const other = otherReservation(answer.transaction, args);
      if (other !== undefined) return { ok: false, reason: other, breach: {} };
      const { serverDate, roundTripMs } = answer;
      const receivedAt = Date.now();
      const left = remainingMs({ expirationTime, serverDate, roundTripMs, receivedAt });
      const heldUntil = activityInfo().currentAttemptScheduledTimestampMs + (receivedAt - since) + left;
      const hash = createHash('sha256').update(`${endpoint}/${transactionID}`).digest('hex').slice(0, 16);
      const credentialsSecret = `rearflow-credentials-${hash}`;
      return { ok: true, transactionID, remainingMs: left, heldUntil, credentialsSecret };
    },

    /** Gives a reservation back; never an error when there is none. */
    async releaseReservation({ endpoint, key }: Keyed): Promise<void> {
      const answer = await rear.release(endpoint, key, { signal: aborting() });
      if (!answer.ok && isNotYet(answer)) throw notReady(answer.retryAfterMs);
    },

    /**
     * PURCHASE_FLAVOR, then the checks of seller's signature and content. The credentials go to a Secret.
     * @see docs/steps.md 14-19
     */
    async purchase(args: PurchaseOrder): Promise<{ ok: true; purchase: Purchase } | Refusal> {
      const { endpoint, transactionID, key, configuration, flavor, credentialsSecret, termMs } = args;
      const since = Date.now();
      const call = rear.purchase(endpoint, transactionID, {}, { idempotencyKey: key, signal: aborting() });
      // Its keys while it signs.
      const known = rear.jwks(endpoint, { signal: aborting() }).catch(() => undefined);
      const answer = await withHeartbeat(call);
      const receivedAt = Date.now();
      if (!answer.ok) {
        if (answer.reason === 'unavailable') throw notReady(answer.retryAfterMs);
        return refusal(answer);
      }
      const { contractID, seller: stated } = answer.contract;
      const notBefore = onOtherClock(earliestEnd(termMs, since), { ...answer, receivedAt });
      const order = { transactionID, configuration, buyer, offer: flavor, termMs, notBefore };
      const examined = await examine(answer, { self, rear, endpoint, order, known });
      if (!examined.ok) return { ...examined, breach: { contractID } };
      const received = readReceived(answer.credentials?.kubeconfig);
      if (!received.ok) return { ...received, breach: { contractID } };
      const { kubeconfig } = received;
      const seller: KnownSeller = {
        endpoint,
        nodeID: stated.ID,
        ...(examined.key === undefined ? {} : { key: examined.key }),
        ...(kubeconfig === undefined ? {} : { access: accessOf(kubeconfig) }),
      };
      const taken = await objectionToPair(api(), deps, sellerClusterOf(stated), seller);
      if (taken !== undefined) return { ok: false, reason: taken, breach: { contractID } };
      if (kubeconfig !== undefined) await saveCredentials(api(), namespace, credentialsSecret, kubeconfig);
      return { ok: true, purchase: purchaseOf(args, { ...answer, receivedAt }, seller) };
    },

    /**
     * Ends the contract of a transaction, if there is one.
     *
     * @returns its id; undefined when nothing was bought, or the seller knows no such request, as a FLUIDOS one
     * @throws ApplicationFailure `SellerNotReady` as long as that is not certain, `SellerRefused` (not retried)
     */
    async endContract(args: EndContractOrder): Promise<string | undefined> {
      const { endpoint, key, reason, seller } = args;
      const signal = aborting();
      const contractID = args.contractID ?? (await contractOf(args, signal));
      if (contractID === undefined) return undefined;
      const ended = await rear.endContract(endpoint, contractID, { idempotencyKey: key, reason, signal });
      if (!ended.ok) refuseUnlessNeverWas(ended, seller);
      return ended.ok ? contractID : undefined;
    },

    /** The seller's word that its side is clean, checked; the caller limits how long it is waited for. */
    async sellersReceipt(args: EndedContract): Promise<SellersWord> {
      return awaitReceipt(rear, self.nodeID, args);
    },

    /** Deletes the Secret with the credentials of a purchase. */
    async deleteCredentials({ secret }: { secret: string }): Promise<readonly ReadBack[]> {
      return deleteCredentials(api(), namespace, secret, nodeName);
    },
  };

  async function contractOf(order: EndContractOrder, signal: AbortSignal): Promise<string | undefined> {
    const { endpoint, transactionID, key, seller } = order;
    const answer = await rear.contract(endpoint, transactionID, { idempotencyKey: key, signal });
    if (answer.ok) return answer.contract.contractID;
    refuseUnlessNeverWas(answer, seller);
    return undefined;
  }
}

/**
 * Returns when a refusal says that there never was a contract, or comes from a seller that ends none.
 *
 * @param seller node id of a rearflow seller
 * @throws ApplicationFailure `SellerNotReady` when it is not known yet, `SellerRefused` when it is denied for good
 */
function refuseUnlessNeverWas(answer: Refused, seller: string | undefined): void {
  if (isNotYet(answer)) throw notReady(answer.retryAfterMs);
  if (seller === undefined || neverWas(answer, seller)) return;
  // Of somebody in between, or of a gateway that does not know its contracts yet.
  if (answer.status === 404) throw notReady(answer.retryAfterMs);
  const said = answer.detail ?? answer.reason;
  throw ApplicationFailure.nonRetryable(
    `SellerRefused: the seller does not end the contract: ${said}`,
    'SellerRefused',
  );
}

/** Somebody else has it, the seller is busy, or we were too late, perhaps because a worker had died. */
const passing: readonly RefusalReason[] = ['taken', 'throttled', 'unavailable', 'expired'];
const refusal = ({ reason, detail }: { reason: RefusalReason; detail?: string }): Refusal => ({
  ok: false,
  reason: detail ?? reason,
  passing: passing.includes(reason),
});

type Answer<T> = Extract<Answered<T>, { ok: true }>;

/** FLUIDOS sellers may answer with an older reservation (docs/rear.md 7.5). @returns what is not as asked */
function otherReservation(
  { flavorID, configuration }: Transaction,
  asked: { readonly flavorID: string; readonly configuration: Configuration },
): string | undefined {
  if (flavorID !== asked.flavorID) return 'another flavor was reserved than was asked for';
  if (configuration && amountsText(configuration) !== amountsText(asked.configuration))
    return 'something else was reserved than was asked for';
  return undefined;
}

/**
 * When the resources are used until: the end of the intent's term, or of the contract when that is sooner. A FLUIDOS
 * seller's contract lasts a year, or says nothing.
 *
 * @param contractEnd RFC 3339 on the seller's clock
 * @param termEnd milliseconds since the epoch
 * @param answer what says how the two clocks differ
 * @returns RFC 3339
 */
export function endOfUse(
  contractEnd: string | undefined,
  termEnd: number,
  answer: Parameters<typeof onOwnClock>[1],
): string {
  const end = onOwnClock(Date.parse(contractEnd ?? ''), answer);
  return new Date(Number.isNaN(end) ? termEnd : Math.min(end, termEnd)).toISOString();
}
