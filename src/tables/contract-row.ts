import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { KnownSeller } from '../market/known-seller.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { Contract } from '../schemas/wire.ts';
import { signatureKeys, type ContractDocument } from '../signing/carry.ts';
import { payloadOf } from '../signing/payload.ts';
import { Addendum } from '../signing/renewal.ts';
import { flavorSpec, rowConfiguration, rowIdentity } from './codec.ts';
import type { Row } from './rows.ts';
import type { SetRow } from './set-row.ts';

/** Row of a signed contract with its renewals, on either side. The credentials stay in their Secret. */
export function contractRow(
  contract: Contract,
  credentialsSecret: string | undefined,
  namespace: string,
  known: Pick<ContractSpec, 'buyerProof' | 'buyerKey' | 'boughtFrom'> = {},
): SetRow {
  const { flavor, buyerID, seller, configuration, extraInformation } = contract;
  const expirationTime = endOf(contract);
  const spec: ContractSpec = {
    flavor: { metadata: { name: flavor.flavorID }, spec: flavorSpec(flavor) },
    transactionID: contract.transactionID,
    buyer: rowIdentity(buyerID),
    buyerClusterID: contract.buyerClusterID,
    seller: rowIdentity(seller),
    peeringTargetCredentials: { liqoID: seller.additionalInformation?.liqoID ?? '', kubeconfig: '' },
    ...(credentialsSecret === undefined ? {} : { credentialsSecret }),
    ...known,
    ...(configuration ? { configuration: rowConfiguration(configuration) } : {}),
    ...(expirationTime === undefined ? {} : { expirationTime }),
    ...(extraInformation ? { extraInformation } : {}),
  };
  const status: ContractStatus = { phase: 'Active' };
  return { kind: tableKinds.Contract, namespace, name: contract.contractID, spec, status };
}

/** @returns why a contract with this addendum could be read by nobody any more; undefined when it can */
export function unreadableWith(row: Row<ContractSpec>, addendum: string): string | undefined {
  const extraInformation = { ...row.spec.extraInformation, [signatureKeys.renewals]: addendum };
  const { error } = Contract.safeParse(signedContractOf({ ...row, spec: { ...row.spec, extraInformation } }));
  return error?.issues.map(({ path, message }) => `${path.join('.') || 'the contract'} ${message}`).join('; ');
}

interface Bought {
  readonly contract: Contract;
  readonly credentialsSecret?: string;
  readonly seller?: KnownSeller;
}

/** Row of what was bought, at the buyer. */
export function purchasedRow({ contract, credentialsSecret, seller }: Bought, namespace: string): SetRow {
  return contractRow(contract, credentialsSecret, namespace, seller === undefined ? {} : { boughtFrom: seller });
}

/** When a contract ends, renewals included. */
function endOf({ expirationTime, extraInformation }: Contract): string | undefined {
  const addendum = Addendum.safeParse(payloadOf(extraInformation?.[signatureKeys.renewals] ?? ''));
  return addendum.data?.terms.at(-1)?.until ?? expirationTime;
}

/**
 * The contract exactly as it was signed, from the signature that its row carries: byte-identical however often it is
 * read; renewals stand beside it. @returns undefined when the row carries no signature (a contract of a plain FLUIDOS seller)
 */
export function signedContractOf(row: Row<ContractSpec>): ContractDocument | undefined {
  const extra = row.spec.extraInformation ?? {};
  const jws = extra[signatureKeys.seller];
  const signed = jws === undefined ? undefined : payloadOf(jws);
  return signed === undefined ? undefined : { ...(signed as ContractDocument), extraInformation: extra };
}
