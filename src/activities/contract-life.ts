import { signatureKeys } from '../contract/carry.ts';
import type { SigningKeys } from '../contract/keys.ts';
import { signAddendum } from '../contract/renewal.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { AddedTerm } from '../schemas/renewal.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { tellEvent } from '../tables/events.ts';
import { writeRow, type Row, type RowRef, type Writer } from '../tables/rows.ts';
import { aborting, ownerWorkflow } from './context.ts';

export interface ContractLifeDeps {
  readonly cluster: Cluster;
  readonly keys: SigningKeys;
  /** Namespace of the tables. */
  readonly namespace: string;
}

export type ContractLifeActivities = ReturnType<typeof createContractLifeActivities>;

/** What happens to a sold contract between its opening and its end. */
export function createContractLifeActivities(deps: ContractLifeDeps) {
  const { keys, namespace } = deps;
  const api = (): Cluster => deps.cluster.bound(aborting());
  const writer = (ownerRevision: number): Writer => ({ workflowId: ownerWorkflow(), ownerRevision });

  async function sold(contractID: string): Promise<{ row: Row<ContractSpec, ContractStatus>; ref: RowRef }> {
    const kind = tableKinds.Contract;
    const row = await api().get<Row<ContractSpec, ContractStatus>>(kind, contractID, namespace);
    if (!row) throw new Error(`the row of contract ${contractID} is missing`);
    return { row, ref: { kind, namespace, name: contractID, uid: row.metadata.uid ?? '' } };
  }

  return {
    /** Signs all terms that were added to a contract and writes them, with its new end, into its row. */
    async signRenewal(args: {
      contractID: string;
      terms: readonly AddedTerm[];
      revision: number;
    }): Promise<{ addendum: string }> {
      const { row, ref } = await sold(args.contractID);
      const { extraInformation = {} } = row.spec;
      const addendum = await signAddendum(
        args.contractID,
        extraInformation[signatureKeys.seller] ?? '',
        args.terms,
        keys,
      );
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
