import { covers, subtractAmounts, type Amounts } from './amounts.ts';
import { configurationAmounts, wholeConfiguration } from './configuration.ts';
import { parcelPrice } from './parcel-price.ts';
import type { ReserveCommand } from './reserve-command.ts';
import type { Ledger, Mint, Parcel, Sale } from './state.ts';
import { holdLimit } from './ticket.ts';

/** What is held by, or asked in the name of, a buyer. */
export type Asking = Omit<ReserveCommand, 'kind' | 'waiting' | 'lenient'>;

export function askedAmounts(asking: Asking, parcel: Parcel): Amounts {
  return asking.configuration ? configurationAmounts(asking.configuration) : parcel.amounts;
}

/** A buyer is whoever has its key, its cluster or, as long as it signs nothing, its id: each of these it may make up. */
export function holdsTooMany({ sales }: Ledger, { buyer, clusterID, buyerKey }: Asking): boolean {
  // Whoever only uses the name of one who signs does not count as that one.
  const held = sales.filter((sale) => sale.phase === 'Held' && sale.buyerKey === buyerKey);
  if (buyerKey !== undefined) return held.length >= holdLimit;
  const full = (same: (sale: Sale) => boolean): boolean => held.filter(same).length >= holdLimit;
  return full((sale) => sale.buyer.ID === buyer.ID) || full((sale) => sale.clusterID === clusterID);
}

/** Holds `asked` of a free parcel under the flavor's id; the rest is offered at once under a new one [16]. */
export function hold(
  ledger: Ledger,
  parcel: Parcel,
  asking: Asking,
  mint: Mint,
  claim: Pick<Sale, 'claimBy' | 'gateway'> = {},
): [Ledger, Sale] {
  const asked = askedAmounts(asking, parcel);
  const rest = subtractAmounts(parcel.amounts, asked);
  const sale: Sale = {
    transactionID: mint.transactionID(),
    flavorID: parcel.flavorID,
    key: asking.key,
    ...(asking.keyed === true ? { keyed: true } : {}),
    buyer: asking.buyer,
    clusterID: asking.clusterID,
    ...(asking.buyerKey === undefined ? {} : { buyerKey: asking.buyerKey }),
    configuration: asking.configuration ?? wholeConfiguration(parcel.amounts, ledger.origin.gpuModel),
    amounts: asked,
    price: parcelPrice(asked, ledger.origin),
    termMs: asking.termMs,
    deadline: mint.now() + asking.ttpMs,
    phase: 'Held',
    ...claim,
  };
  const mine: Parcel = { ...parcel, amounts: asked, state: 'held', transactionID: sale.transactionID };
  const others = ledger.parcels.filter((each) => each !== parcel);
  const reduced: Parcel[] = covers({}, rest)
    ? []
    : [{ flavorID: mint.flavorID(), amounts: rest, state: 'free', since: mint.now() }];
  return [{ ...ledger, parcels: [...others, mine, ...reduced], sales: [...ledger.sales, sale] }, sale];
}
