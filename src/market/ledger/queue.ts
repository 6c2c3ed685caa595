import { cutsCleanly } from '../partition.ts';
import { askedAmounts, hold, holdsTooMany } from './hold.ts';
import { isTaken, taken } from './namesake.ts';
import type { Refusal } from './refusal.ts';
import type { ReserveCommand } from './reserve-command.ts';
import { fitted, sizeOf, waitingBytes, waitingRoom } from './room.ts';
import type { Ledger, Mint, Parcel } from './state.ts';
import { successors } from './successors.ts';
import { claimMs, placeSlackMs, ticketLimit, type Settled, type Ticket } from './ticket.ts';
import type { ReserveAnswer } from './reserve-answer.ts';

/** A place at the end of the queue for a held flavor, or a no at once. @see docs/architecture.md 4.2, queue */
export function enqueue(ledger: Ledger, parcel: Parcel, command: ReserveCommand, mint: Mint): [Ledger, ReserveAnswer] {
  const { kind: _, waiting, lenient, ...asking } = command;
  const refuse = (code: Refusal['code'], detail: string): [Ledger, ReserveAnswer] => [
    ledger,
    { ok: false, code, detail, successors: successors(ledger, askedAmounts(asking, parcel)) },
  ];
  const asked = askedAmounts(asking, parcel);
  const others = successors(ledger, asked);
  if (lenient === true && others.some(({ fits }) => fits))
    return refuse('FlavorGone', 'somebody holds this flavor; a successor fits');
  if (!waiting) return [ledger, held(ledger, parcel, others)];
  const never = cutsCleanly(asked, ledger.origin.worth, ledger.origin.policy);
  if (!never.ok) return refuse('DoesNotFit', `${never.dimension}: ${never.rule}`);
  if (ledger.tickets.filter(({ flavorID }) => flavorID === parcel.flavorID).length >= ticketLimit) {
    return refuse('TooMany', `${String(ticketLimit)} callers wait for this flavor`);
  }
  const ticket: Ticket = { ...asking, gateway: waiting.gateway, until: mint.now() + waiting.ms + placeSlackMs };
  const longer = { ...ledger, tickets: [...ledger.tickets, ticket] };
  const next = waitingBytes(longer) > waitingRoom ? undefined : fitted(longer);
  if (!next) return refuse('TooMany', 'too many callers wait for this offer');
  return [next, { ok: true, waiting: true }];
}

/** The same key again: the place stays, the caller waits here from now on. */
export function rejoin(
  ledger: Ledger,
  ticket: Ticket,
  waiting: { readonly gateway: string; readonly ms: number },
  mint: Mint,
): [Ledger, ReserveAnswer] {
  const until = Math.max(ticket.until, mint.now() + waiting.ms + placeSlackMs);
  const again: Ticket = { ...ticket, gateway: waiting.gateway, until };
  const moved = ticket.gateway !== undefined && ticket.gateway !== waiting.gateway;
  const detail = 'the same Idempotency-Key waits at another gateway';
  const elsewhere: Refusal = { ok: false, code: 'FlavorHeld', detail, successors: [] };
  const next = { ...ledger, tickets: ledger.tickets.map((each) => (each === ticket ? again : each)) };
  return [moved ? told(next, ticket, elsewhere, mint) : next, { ok: true, waiting: true }];
}

/** The caller's own wait ran out: it is told when to come back, and its place lives a little longer than that. */
export function park(ledger: Ledger, ticket: Ticket, mint: Mint): [Ledger, ReserveAnswer] {
  const parcel = ledger.parcels.find((each) => each.flavorID === ticket.flavorID);
  if (!parcel)
    return [ledger, { ok: false, code: 'FlavorGone', detail: 'the flavor is no longer available', successors: [] }];
  const refusal = held(ledger, parcel, successors(ledger, askedAmounts(ticket, parcel)));
  const { gateway: _, ...away } = ticket;
  const until = Math.max(refusal.until ?? 0, mint.now() + 1_000) + placeSlackMs;
  const tickets = ledger.tickets.map((each) => (each === ticket ? { ...away, until } : each));
  return [{ ...ledger, tickets }, refusal];
}

/**
 * Decides every ticket that can be decided: the first of a free flavor gets it, whoever it no longer fits is refused,
 * and so are all of a flavor that was sold or withdrawn.
 */
export function settle(ledger: Ledger, mint: Mint): Ledger {
  if (ledger.tickets.length === 0) return ledger;
  const parcels = new Map(ledger.parcels.map((parcel) => [parcel.flavorID, parcel]));
  const open = ledger.tickets.find(({ flavorID }) => parcels.get(flavorID)?.state === 'free');
  if (open) return settle(decide(ledger, open, parcels.get(open.flavorID), mint), mint);
  const [waiting, lost]: [Ticket[], Ticket[]] = [[], []];
  for (const ticket of ledger.tickets) (parcels.get(ticket.flavorID)?.state === 'held' ? waiting : lost).push(ticket);
  if (lost.length === 0) return ledger;
  const detail = 'the flavor is no longer available';
  const entries = lost.flatMap((ticket): Settled[] => {
    const ways = successors(ledger, ticket.configuration ? askedAmounts(ticket, noParcel) : {});
    return entry(ticket, { ok: false, code: 'FlavorGone', detail, successors: ways }, mint);
  });
  return { ...ledger, tickets: waiting, settled: [...ledger.settled, ...entries] };
}

/** Whom a gateway has to tell what; each ticket is told once. */
export function collect(ledger: Ledger, gateway: string): [Ledger, readonly Settled[]] {
  let bytes = 0;
  const mine = ledger.settled.filter((each) => {
    if (each.gateway !== gateway || bytes > toldRoom) return false;
    bytes += sizeOf(each);
    return true;
  });
  if (mine.length === 0) return [ledger, []];
  const now = new Set(mine);
  return [{ ...ledger, settled: ledger.settled.filter((each) => !now.has(each)) }, mine];
}

/** Bytes of the answers that are told at once; the gateway asks again for the rest. */
const toldRoom = 96 * 1024;

const noParcel: Parcel = { flavorID: '', amounts: {}, state: 'free', since: 0 };

function decide(ledger: Ledger, ticket: Ticket, parcel: Parcel | undefined, mint: Mint): Ledger {
  const without: Ledger = { ...ledger, tickets: ledger.tickets.filter((each) => each !== ticket) };
  if (!parcel) return without;
  const asked = askedAmounts(ticket, parcel);
  const fit = cutsCleanly(asked, parcel.amounts, ledger.origin.policy);
  const ways = successors(ledger, asked);
  if (!fit.ok) {
    const detail = `flavor-shrunk: ${fit.dimension}: ${fit.rule}`;
    return told(without, ticket, { ok: false, code: 'FlavorGone', detail, successors: ways }, mint);
  }
  // It waited without a signature; meanwhile somebody came who signs.
  if (isTaken(without, ticket)) return told(without, ticket, taken, mint);
  if (holdsTooMany(ledger, ticket)) {
    const detail = 'too many reservations of this buyer';
    return told(without, ticket, { ok: false, code: 'TooMany', detail, successors: [] }, mint);
  }
  // Who is away may claim as long as its place would have lived.
  const claimBy = ticket.gateway === undefined ? Math.max(ticket.until, mint.now() + claimMs) : mint.now() + claimMs;
  const claim = { claimBy, ...(ticket.gateway === undefined ? {} : { gateway: ticket.gateway }) };
  const [next] = hold(without, parcel, ticket, mint, claim);
  const roomy = fitted(next);
  if (!roomy) {
    const detail = 'there are too many reservations of this offer now';
    return told(without, ticket, { ok: false, code: 'TooMany', detail, successors: [] }, mint);
  }
  return told(roomy, ticket, 'granted', mint);
}

function entry(ticket: Ticket, answer: Settled['answer'], mint: Mint): Settled[] {
  return ticket.gateway === undefined ? [] : [{ key: ticket.key, gateway: ticket.gateway, since: mint.now(), answer }];
}

function told(ledger: Ledger, ticket: Ticket, answer: Settled['answer'], mint: Mint): Ledger {
  return { ...ledger, settled: [...ledger.settled, ...entry(ticket, answer, mint)] };
}

function held(ledger: Ledger, parcel: Parcel, ways: Refusal['successors']): Refusal {
  const sale = ledger.sales.find((each) => each.transactionID === parcel.transactionID);
  return {
    ok: false,
    code: 'FlavorHeld',
    detail: 'somebody else holds this flavor until it purchases or its time is over',
    successors: ways,
    ...(sale ? { until: sale.deadline } : {}),
  };
}
