import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { signatureKeys, type ContractVerdict } from '../signing/carry.ts';
import type { Row } from '../tables/rows.ts';
import type { Paint } from './style.ts';

/** A contract in a few lines: who, what, for how much, until when. */
export function contractLines(contract: Row<ContractSpec, ContractStatus>, paint: Paint): string[] {
  const { seller, buyer, configuration, flavor, expirationTime, extraInformation } = contract.spec;
  const { amount, currency, period } = flavor.spec.price;
  const signed = extraInformation?.[signatureKeys.seller] !== undefined;
  return [
    `Contract ${paint('strong', contract.metadata.name ?? '')}`,
    `  ${paint('name', buyer.nodeID)} buys from ${paint('name', seller.nodeID)}: ${amountsText(configuration?.data)}`,
    `  price ${amount === '' ? '0' : `${amount} ${currency} ${period}`}, until ${expirationTime ?? 'it is ended'}`,
    ...(signed
      ? [`  ${paint('good', 'signed')} by the seller; the signature was verified before anything was peered`]
      : []),
    ...stateLines(contract, paint),
  ];
}

function stateLines({ spec, status = {} }: Row<ContractSpec, ContractStatus>, paint: Paint): string[] {
  const { phase, endsAt, endedAt, reason = 'no reason was given', receipt, confirmation } = status;
  const renewed = spec.extraInformation?.[signatureKeys.renewals] !== undefined;
  return [
    ...(renewed ? [`  ${paint('good', 'renewed')}; the seller signed the new end`] : []),
    ...(confirmation === undefined ? [] : ['  confirmed by the seller']),
    ...(phase === 'Ending' ? [`  ${paint('busy', 'ending')} at ${endsAt ?? 'once'}: ${reason}`] : []),
    ...(phase === 'Ended'
      ? [`  ${paint('quiet', 'ended')} at ${endedAt ?? ''}${status.reason ? `: ${reason}` : ''}`]
      : []),
    ...(status.needsOperator === undefined ? [] : [`  ${paint('bad', 'needs an operator')}: ${status.needsOperator}`]),
    ...(receipt === undefined ? [] : ['  receipt signed by the seller']),
  ];
}

/** What a check of a contract's signatures came to. */
export function verdictLines(verdict: ContractVerdict, paint: Paint): string[] {
  if (!verdict.ok) return [`${paint('bad', 'The contract does not hold')}: ${verdict.reason}`];
  const { contract, kid, terms, expirationTime } = verdict;
  return [
    `${paint('good', 'Signed')} by ${paint('name', contract.seller.ID)} with key ${kid}`,
    `  contract ${contract.contractID}, bought by ${paint('name', contract.buyerID.ID)}`,
    `  ends ${expirationTime ?? 'when it is ended'}${terms.length === 0 ? '' : `, renewed ${String(terms.length)} times`}`,
  ];
}

function amountsText(data: object | undefined): string {
  return Object.entries(data ?? {})
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
