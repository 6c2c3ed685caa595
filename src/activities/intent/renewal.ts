import { ApplicationFailure } from '@temporalio/activity';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { wholeConfiguration } from '../../market/ledger/configuration.ts';
import { renewalDiffers } from '../../market/price-agrees.ts';
import type { Access, Purchase } from '../../messages/intent/purchase.ts';
import type { AddressRules } from '../../platform/address-guard.ts';
import type { RearClient } from '../../rear/client.ts';
import { onOwnClock } from '../../rear/remaining.ts';
import { durationMs } from '../../schemas/duration.ts';
import { Contract } from '../../schemas/wire.ts';
import { signatureKeys } from '../../signing/carry.ts';
import { verifyAddendum } from '../../signing/renewal.ts';
import { purchasedRow } from '../../tables/contract-row.ts';
import { setRow } from '../../tables/set-row.ts';
import { aborting, ownerWorkflow } from '../context.ts';
import { credentialsEnd, readCredentials, receivedCredentials, saveCredentials } from './credentials.ts';

export interface RenewalDeps {
  readonly cluster: Cluster;
  /** Where the API server of a seller may be. */
  readonly addresses: AddressRules;
  readonly rear: RearClient;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export type RenewalActivities = ReturnType<typeof createRenewalActivities>;

export interface Renewed {
  readonly ok: true;
  /** RFC 3339, on the own clock. */
  readonly expiresAt: string;
  /** The contract with the seller's addendum beside it. */
  readonly contract: Contract;
  readonly cost: { readonly amount: string; readonly currency: string };
}

/** What must be left of a token's life, milliseconds. */
const marginMs = 300_000;

/** The buyer's side of renewals: of a contract's term, and of the token it peers with. */
export function createRenewalActivities({ cluster, rear, addresses, namespace }: RenewalDeps) {
  return {
    /**
     * Asks the seller for more time, and checks what it signed.
     *
     * @param args.key Idempotency-Key of this renewal
     * @returns a refusal of the seller, or an addendum that does not hold, as a value
     */
    async renewContract(args: {
      purchase: Purchase;
      term: string;
      key: string;
    }): Promise<Renewed | { readonly ok: false; readonly reason: string }> {
      const { endpoint, contract, contractID, key: purchaseKey } = args.purchase;
      const request = { term: args.term, purchaseKey };
      const answer = await rear.renew(endpoint, contractID, request, { idempotencyKey: args.key, signal: aborting() });
      const receivedAt = Date.now();
      if (!answer.ok) {
        if (answer.reason === 'unavailable')
          throw ApplicationFailure.retryable('the seller is not ready', 'SellerNotReady');
        return { ok: false, reason: answer.detail ?? answer.reason };
      }
      const { addendum, expirationTime } = answer.renewal;
      const signature = contract.extraInformation?.[signatureKeys.seller];
      const published = await rear.jwks(endpoint, { signal: aborting() });
      if (signature === undefined || !published.ok) return { ok: false, reason: 'the seller signs nothing' };
      const verdict = await verifyAddendum(addendum, signature, published.jwks);
      if (!verdict.ok) return { ok: false, reason: `the seller's addendum: ${verdict.reason}` };
      const mine = verdict.terms.find((each) => each.key === args.key);
      if (!mine || Date.parse(mine.until) !== Date.parse(expirationTime))
        return { ok: false, reason: "the seller's addendum does not say what was asked" };
      const termMs = Date.parse(mine.until) - Date.parse(mine.from);
      if (termMs < durationMs(args.term))
        return { ok: false, reason: "the seller's addendum adds less time than was asked" };
      const dearer = renewalDiffers(
        contract.flavor,
        contract.configuration ?? wholeConfiguration(args.purchase.amounts),
        mine,
        termMs,
      );
      if (dearer)
        return { ok: false, reason: `the seller's addendum: price: wanted ${dearer.wanted}, got ${dearer.got}` };
      const extraInformation = { ...contract.extraInformation, [signatureKeys.renewals]: addendum };
      const renewed = { ...contract, extraInformation };
      if (!Contract.safeParse(renewed).success)
        return { ok: false, reason: "the seller's addendum: with it the contract is larger than it may be" };
      const times = { serverDate: answer.serverDate, receivedAt };
      const expiresAt = new Date(onOwnClock(Date.parse(verdict.expirationTime), times)).toISOString();
      return { ok: true, expiresAt, contract: renewed, cost: mine.cost };
    },

    /**
     * Credentials that are about to end are replaced by the seller's current ones; a seller that has none to give is no
     * failure here: whoever uses them finds out.
     */
    async refreshCredentials(args: Access): Promise<void> {
      const api = cluster.bound(aborting());
      const end = await readCredentials(api, namespace, args.credentialsSecret).then(credentialsEnd, () => undefined);
      if (end === undefined || end - Date.now() > marginMs) return;
      const keyed = { idempotencyKey: args.key, signal: aborting() };
      const answer = await rear.contract(args.endpoint, args.transactionID, keyed);
      if (!answer.ok || !answer.credentials) return;
      const kubeconfig = receivedCredentials(answer.credentials.kubeconfig, addresses);
      await saveCredentials(api, namespace, args.credentialsSecret, kubeconfig);
    },

    /** The buyer's copy of the contract says what was agreed since: its end, and that the sale was confirmed. */
    async recordTerms({ purchase, revision }: { purchase: Purchase; revision: number }): Promise<void> {
      if (purchase.local) return;
      const { confirmation } = purchase;
      const row = purchasedRow(purchase, namespace);
      const status = { ...row.status, ...(confirmation === undefined ? {} : { confirmation }) };
      await setRow(
        cluster.bound(aborting()),
        { ...row, status },
        { workflowId: ownerWorkflow(), ownerRevision: revision },
      );
    },
  };
}
