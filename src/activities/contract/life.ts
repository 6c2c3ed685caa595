import { ApplicationFailure } from '@temporalio/activity';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Answered, RearClient } from '../../rear/client.ts';
import { RearFailure } from '../../rear/refusal.ts';
import type { EndNotice, SaleConfirmation } from '../../schemas/notice.ts';
import type { AddedTerm } from '../../schemas/renewal.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import { signatureKeys } from '../../signing/carry.ts';
import type { SigningKeys } from '../../signing/keys.ts';
import { signAddendum } from '../../signing/renewal.ts';
import { sign } from '../../signing/sign.ts';
import { unreadableWith } from '../../tables/contract-row.ts';
import { tellEvent } from '../../tables/events.ts';
import { writeRow, writeStatus, type Row, type RowRef, type Writer } from '../../tables/rows.ts';
import { aborting, ownerWorkflow } from '../context.ts';

export interface ContractLifeDeps {
  readonly cluster: Cluster;
  readonly keys: SigningKeys;
  readonly rear: Pick<RearClient, 'confirm' | 'notice'>;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export type ContractLifeActivities = ReturnType<typeof createContractLifeActivities>;

/** How long a buyer's gateway may take to answer, milliseconds. */
const tellingMs = 3_000;

/** What happens to a sold contract between its opening and its end. */
export function createContractLifeActivities(deps: ContractLifeDeps) {
  const { keys, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());
  const writer = (ownerRevision: number): Writer => ({ workflowId: ownerWorkflow(), ownerRevision });

  /** @returns undefined when somebody deleted the row while nobody looked */
  async function sold(
    contractID: string,
  ): Promise<{ row: Row<ContractSpec, ContractStatus>; ref: RowRef } | undefined> {
    const kind = tableKinds.Contract;
    const row = await api().get<Row<ContractSpec, ContractStatus>>(kind, contractID, namespace);
    return row && { row, ref: { kind, namespace, name: contractID, uid: row.metadata.uid ?? '' } };
  }

  /**
   * Says something to a buyer's gateway, once: Temporal says it again, and no activity waits meanwhile.
   *
   * @throws ApplicationFailure `NotHeard`; not to be retried when it has no such route, as a plain FLUIDOS node
   */
  async function say(send: () => Promise<Answered<object>>): Promise<void> {
    const answer = await send().catch((error: unknown) => {
      aborting().throwIfAborted();
      if (!(error instanceof RearFailure)) throw error;
      throw ApplicationFailure.retryable(error.message, 'NotHeard');
    });
    if (answer.ok) return;
    const nonRetryable = answer.reason === 'unsupported';
    throw ApplicationFailure.create({ message: answer.detail ?? answer.reason, type: 'NotHeard', nonRetryable });
  }

  return {
    /**
     * CONFIRM_RESERVATION: tells the buyer, signed, that the sale is final.
     *
     * @param args.address host:port of its gateway
     * @throws ApplicationFailure `NotHeard`
     */
    async confirmSale(args: { contractID: string; transactionID: string; address: string }): Promise<void> {
      const { address, contractID, transactionID } = args;
      const word: SaleConfirmation = { contractID, transactionID, at: new Date().toISOString() };
      const jws = await sign(word, 'rearflow-confirmation', keys);
      await say(async () => deps.rear.confirm(address, jws, { signal: aborting(), timeoutMs: tellingMs }));
      const message = 'the buyer was told that the sale is final';
      const contract = await sold(contractID);
      if (contract) await tellEvent(api(), contract.ref, { reason: 'Confirmed', message });
    },

    /** Tells the buyer, signed, when the service ends. @throws ApplicationFailure `NotHeard` */
    async tellBuyer(args: EndNotice & { address: string }): Promise<void> {
      const { address, ...word } = args;
      const jws = await sign(word, 'rearflow-notice', keys);
      await say(async () => deps.rear.notice(address, jws, { signal: aborting(), timeoutMs: tellingMs }));
    },

    /** The row says what an operator has to look after; of a sale that never became a contract, its reservation does. */
    async noteTrouble(args: {
      contractID: string;
      transactionID: string;
      needsOperator: string;
      revision: number;
    }): Promise<void> {
      const needsOperator = args.needsOperator.slice(0, 1_000);
      const happening = { reason: 'NeedsOperator', message: needsOperator, type: 'Warning' } as const;
      const contract = await sold(args.contractID);
      if (!contract) {
        const kind = tableKinds.Transaction;
        const row = await api().get(kind, args.transactionID, namespace);
        const ref = { kind, namespace, name: args.transactionID, uid: row?.metadata.uid ?? '' };
        if (row) await tellEvent(api(), ref, happening);
        return;
      }
      const { row, ref } = contract;
      const { ownerRevision: _, ...before } = row.status ?? {};
      await writeStatus(api(), ref, { ...before, needsOperator }, writer(args.revision));
      await tellEvent(api(), ref, happening);
    },

    /** The row says that the contract is ending, why, and when the service ends. */
    async announceEnd(args: {
      contractID: string;
      by: string;
      reason: string;
      endsAt: string;
      revision: number;
    }): Promise<void> {
      const contract = await sold(args.contractID);
      if (!contract) return;
      const { row, ref } = contract;
      const { ownerRevision: _, ...before } = row.status ?? {};
      const status: ContractStatus = { ...before, phase: 'Ending', reason: args.reason, endsAt: args.endsAt };
      await writeStatus(api(), ref, status, writer(args.revision));
      const message = `ended by the ${args.by}: ${args.reason}; the service ends at ${args.endsAt}`;
      await tellEvent(api(), ref, { reason: 'Ending', message, type: args.by === 'term' ? 'Normal' : 'Warning' });
    },

    /**
     * Signs all terms that were added to a contract and writes them, with its new end, into its row.
     *
     * @returns the addendum, or why there is no room for one more: then nothing is written
     * @throws ApplicationFailure `ContractGone` when there is no such row any more
     */
    async signRenewal(args: {
      contractID: string;
      terms: readonly AddedTerm[];
      revision: number;
    }): Promise<{ readonly addendum: string } | { readonly refused: string }> {
      const contract = await sold(args.contractID);
      if (!contract)
        throw ApplicationFailure.nonRetryable(`the row of contract ${args.contractID} is missing`, 'ContractGone');
      const { row, ref } = contract;
      const { extraInformation = {} } = row.spec;
      const addendum = await signAddendum(
        args.contractID,
        extraInformation[signatureKeys.seller] ?? '',
        args.terms,
        keys,
      );
      const unreadable = unreadableWith(row, addendum);
      if (unreadable !== undefined)
        return { refused: `the contract has no room for renewal ${String(args.terms.length)}: ${unreadable}` };
      const expirationTime = args.terms.at(-1)?.until ?? row.spec.expirationTime ?? '';
      const spec: ContractSpec = {
        ...row.spec,
        expirationTime,
        extraInformation: { ...extraInformation, [signatureKeys.renewals]: addendum },
      };
      await writeRow(api(), ref, spec, writer(args.revision));
      await tellEvent(api(), ref, { reason: 'Renewed', message: `renewed until ${expirationTime}` });
      return { addendum };
    },
  };
}
