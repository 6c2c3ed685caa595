import { cutsCleanly } from '../partition.ts';
import { covers, subtractAmounts, type Amounts } from './amounts.ts';
import { configurationAmounts, wholeConfiguration } from './configuration.ts';
import type { Configuration, NodeIdentity } from '../../schemas/wire.ts';
import { successors, type Refusal } from './gone.ts';
import type { Ledger, Mint, Parcel, Sale } from './state.ts';

export interface ReserveCommand {
  readonly kind: 'reserve';
  readonly key: string;
  readonly flavorID: string;
  readonly buyer: NodeIdentity;
  readonly clusterID: string;
  readonly configuration?: Configuration;
  /** Length of the contract, milliseconds. */
  readonly termMs: number;
  /** Time to purchase, milliseconds. */
  readonly ttpMs: number;
}

export type ReserveAnswer = { readonly ok: true; readonly sale: Sale } | Refusal;

/**
 * RESERVE_FLAVOR: holds the asked part under the flavor's id and offers the rest at once as a new, reduced flavor.
 *
 * A repeated key returns the same hold; a key that was released before answers `FlavorGone`.
 * @see seeds steps 14-18
 */
export function reserve(ledger: Ledger, command: ReserveCommand, mint: Mint): [Ledger, ReserveAnswer] {
  const known = ledger.sales.find((sale) => sale.key === command.key);
  if (known) return [ledger, repeated(ledger, known)];
  if (ledger.tombstones.includes(command.key)) return [ledger, gone(ledger, command, 'this reservation was released')];
  const parcel = ledger.parcels.find((each) => each.flavorID === command.flavorID);
  if (!parcel || parcel.state === 'sold') return [ledger, gone(ledger, command, 'the flavor is no longer available')];
  const asked = askedAmounts(command, parcel);
  if (parcel.state === 'held') return [ledger, held(ledger, parcel, asked)];
  const misfit = cutsCleanly(asked, parcel.amounts, ledger.origin.policy);
  if (!misfit.ok) {
    const detail = `${misfit.dimension}: ${misfit.rule}`;
    return [ledger, { ok: false, code: 'DoesNotFit', detail, successors: successors(ledger, asked) }];
  }
  return hold(ledger, parcel, asked, command, mint);
}

function askedAmounts(command: ReserveCommand, parcel: Parcel): Amounts {
  return command.configuration ? configurationAmounts(command.configuration) : parcel.amounts;
}

function repeated(ledger: Ledger, sale: Sale): ReserveAnswer {
  if (sale.phase === 'Held' || sale.phase === 'Purchased') return { ok: true, sale };
  return {
    ok: false,
    code: 'FlavorGone',
    detail: `this reservation is ${sale.phase}`,
    successors: successors(ledger, sale.amounts),
  };
}

function gone(ledger: Ledger, command: ReserveCommand, detail: string): Refusal {
  const asked = command.configuration ? configurationAmounts(command.configuration) : {};
  return { ok: false, code: 'FlavorGone', detail, successors: successors(ledger, asked) };
}

function held(ledger: Ledger, parcel: Parcel, asked: Amounts): Refusal {
  const sale = ledger.sales.find((each) => each.transactionID === parcel.transactionID);
  return {
    ok: false,
    code: 'FlavorHeld',
    detail: 'somebody else holds this flavor until he purchases or his time is over',
    successors: successors(ledger, asked),
    ...(sale ? { until: sale.deadline } : {}),
  };
}

function hold(
  ledger: Ledger,
  parcel: Parcel,
  asked: Amounts,
  command: ReserveCommand,
  mint: Mint,
): [Ledger, ReserveAnswer] {
  const rest = subtractAmounts(parcel.amounts, asked);
  const sale: Sale = {
    transactionID: mint.transactionID(),
    flavorID: parcel.flavorID,
    key: command.key,
    buyer: command.buyer,
    clusterID: command.clusterID,
    configuration: command.configuration ?? wholeConfiguration(parcel.amounts, ledger.origin.gpuModel),
    amounts: asked,
    termMs: command.termMs,
    deadline: mint.now() + command.ttpMs,
    phase: 'Held',
  };
  const mine: Parcel = { ...parcel, amounts: asked, state: 'held', transactionID: sale.transactionID };
  const others = ledger.parcels.filter((each) => each !== parcel);
  const reduced: Parcel[] = covers({}, rest)
    ? []
    : [{ flavorID: mint.flavorID(), amounts: rest, state: 'free', since: mint.now() }];
  return [
    { ...ledger, parcels: [...others, mine, ...reduced], sales: [...ledger.sales, sale] },
    { ok: true, sale },
  ];
}
