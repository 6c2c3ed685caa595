import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { z } from 'zod';
import { payloadOf } from '../signing/payload.ts';
import type { SignedKind } from '../signing/sign.ts';
import { verify } from '../signing/verify.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { BackendAnswer, BackendRefusal } from '../rear/backend.ts';
import type { RearClient } from '../rear/client.ts';
import { EndNotice, SaleConfirmation } from '../schemas/notice.ts';
import { tellEvent, type Happening } from '../tables/events.ts';
import { ownerOf } from '../tables/owner.ts';
import { confirmedSignal, sellerEndsSignal } from '../messages/intent/messages.ts';
import type { ContractRow, ContractStore } from './contract-store.ts';

export interface SellerNoticesDeps {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly contracts: Pick<ContractStore, 'get' | 'synced'>;
  readonly rear: Pick<RearClient, 'jwks'>;
  /** Namespace of the tables. */
  readonly namespace: string;
}

type Understood<T> = { readonly ok: true; readonly word: T; readonly row: ContractRow } | BackendRefusal;

/** What sellers tell a buyer's gateway about contracts that it bought: accepted when signed by that contract's seller. */
export function createSellerNotices(deps: SellerNoticesDeps) {
  const { cluster, client, contracts, rear, namespace } = deps;

  async function understand<T extends { readonly contractID: string }>(
    jws: string,
    kind: SignedKind,
    schema: z.ZodType<T>,
  ): Promise<Understood<T>> {
    const refused = (why: string): BackendRefusal => ({ ok: false, code: 'NotYours', detail: `${kind}: ${why}` });
    const claimed = z.object({ contractID: z.string() }).safeParse(payloadOf(jws));
    const row = claimed.success ? contracts.get(claimed.data.contractID) : undefined;
    if (!row && !contracts.synced) {
      return { ok: false, code: 'NotReady', detail: 'the contracts are still being read', retryAfterMs: 1_000 };
    }
    if (!row || !ownerOf(row)?.startsWith('intent/')) return refused('this node bought no such contract');
    const published = await rear.jwks(row.spec.seller.ip).catch(() => undefined);
    if (!published?.ok) return refused('the seller publishes no keys');
    const verdict = await verify(jws, kind, published.jwks);
    if (!verdict.ok) return refused(verdict.reason);
    const word = schema.safeParse(verdict.value);
    return word.success ? { ok: true, word: word.data, row } : refused('does not say what it should');
  }

  /** Tells the intent that bought; one that has ended needs no telling. */
  async function pass(row: ContractRow, happening: Happening, send: (workflowId: string) => Promise<void>) {
    const ref = { kind: tableKinds.Contract, namespace, name: row.metadata.name ?? '', uid: row.metadata.uid ?? '' };
    await tellEvent(cluster, ref, happening);
    try {
      await send(ownerOf(row) ?? '');
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    return { ok: true } as const;
  }

  return {
    /** CONFIRM_RESERVATION: the sale is final. @see docs/rear.md 2.3 */
    async confirmed(confirmation: string): Promise<BackendAnswer<object>> {
      const heard = await understand(confirmation, 'rearflow-confirmation', SaleConfirmation);
      if (!heard.ok) return heard;
      const { contractID } = heard.word;
      const message = `the seller confirmed transaction ${heard.word.transactionID}`;
      return pass(heard.row, { reason: 'Confirmed', message }, (workflowId) =>
        client.workflow.getHandle(workflowId).signal(confirmedSignal, { contractID, confirmation }),
      );
    },

    /** The seller ends a contract before its term: the intent leaves in order. */
    async ends(notice: string): Promise<BackendAnswer<object>> {
      const heard = await understand(notice, 'rearflow-notice', EndNotice);
      if (!heard.ok) return heard;
      const { endsAt, reason } = heard.word;
      const message = `the seller ends it at ${endsAt}: ${reason}`;
      return pass(heard.row, { reason: 'Ending', message, type: 'Warning' }, (workflowId) =>
        client.workflow.getHandle(workflowId).signal(sellerEndsSignal, heard.word),
      );
    },
  };
}
