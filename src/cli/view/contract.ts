import { signatureKeys } from '../../contract/carry.ts';
import type { ContractSpec } from '../../schemas/tables/contract.ts';
import type { Row } from '../../tables/rows.ts';
import type { Paint } from './style.ts';

/** A contract in a few lines: who, what, for how much, until when. */
export function contractLines(contract: Row<ContractSpec>, paint: Paint): string[] {
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
  ];
}

function amountsText(data: object | undefined): string {
  return Object.entries(data ?? {})
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
