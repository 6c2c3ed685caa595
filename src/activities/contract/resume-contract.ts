import type { CarriedContract, ContractInput } from '../../messages/contract/state.ts';
import { originHashOf } from '../../messages/inventory/messages.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import { Partitionability, Price } from '../../schemas/wire.ts';
import { signatureKeys } from '../../signing/carry.ts';
import { payloadOf } from '../../signing/payload.ts';
import { Addendum } from '../../signing/renewal.ts';
import { saleOfContract } from '../../tables/contract-sale.ts';
import type { Row } from '../../tables/rows.ts';

export interface ResumeSettings {
  readonly drainGraceMs: number;
  readonly longestTermMs: number;
  readonly undoMs: number;
}

/**
 * Input of a `contract` workflow that takes over from a lost one.
 *
 * @returns undefined when the row does not say enough
 */
export function resumeContract(
  row: Row<ContractSpec, ContractStatus>,
  { drainGraceMs, longestTermMs, undoMs }: ResumeSettings,
): ContractInput | undefined {
  const sale = saleOfContract(row);
  const hash = originHashOf(sale?.flavorID ?? '');
  if (!sale || hash === undefined) return undefined;
  const { spec } = row;
  const price = Price.safeParse(spec.flavor.spec.price).data;
  if (!price) return undefined;
  const name = spec.extraInformation?.['rearflow.io/node'] ?? '';
  return {
    contractID: row.metadata.name ?? '',
    sale,
    origin: { hash, name, architecture: '', policy: Partitionability.parse({}), price, properties: {} },
    price,
    local: spec.buyer.nodeID === spec.seller.nodeID,
    drainGraceMs,
    longestTermMs,
    undoMs,
    carried: { end: sale.deadline + sale.termMs, ...renewalsOf(row) },
  };
}

/** Terms that were added and signed before: the next addendum begins where they end. */
function renewalsOf({ spec }: Row<ContractSpec>): Pick<CarriedContract, 'renewals'> {
  const addendum = spec.extraInformation?.[signatureKeys.renewals] ?? '';
  const { terms } = Addendum.safeParse(payloadOf(addendum)).data ?? {};
  return terms ? { renewals: { terms, addendum, signed: terms.length } } : {};
}
