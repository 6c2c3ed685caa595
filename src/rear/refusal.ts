import { z } from 'zod';
import type { Reply } from '../platform/http-exchange.ts';
import type { Successor } from '../market/ledger/refusal.ts';

export type RefusalReason =
  | 'taken'
  | 'gone'
  | 'misfit'
  | 'expired'
  | 'forbidden'
  | 'refused'
  | 'throttled'
  | 'not-renewable'
  | 'unavailable'
  | 'unsupported'
  | 'bad-answer';

const Successors = z.array(z.object({ flavorID: z.string().max(253), fits: z.boolean() })).max(64);

/** Our own problem+json (RFC 9457); FLUIDOS sellers send one line of text. */
const Problem = z.object({
  code: z.string().max(64),
  detail: z.string().max(1024).optional().catch(undefined),
  successors: Successors.optional().catch(undefined),
  synced: z.literal(true).optional().catch(undefined),
  sellerID: z.string().max(253).optional().catch(undefined),
});

/** Times of an answer, for deadlines that do not depend on two clocks being equal. */
export interface Timing {
  /** The answer's `Date` header, milliseconds since the epoch. */
  readonly serverDate: number | undefined;
  readonly roundTripMs: number;
}

/** An expected no. */
export interface Refused extends Timing {
  readonly ok: false;
  readonly reason: RefusalReason;
  readonly status: number;
  /** Stable code of a rearflow seller. */
  readonly code?: string;
  readonly detail?: string;
  /** Flavors to try instead, without another LIST. */
  readonly successors?: readonly Successor[];
  readonly retryAfterMs?: number;
  /** Of a 404: the gateway has read all rows of its node. */
  readonly synced?: true;
  /** Of a 404: node id of the seller that says so. */
  readonly sellerID?: string;
}

/**
 * Whether the same request may be answered otherwise later: 408, 425, 429, 5xx. Anything else stays as it is.
 *
 * @see docs/rear.md 6.2; docs/architecture.md 3.12
 */
export function isNotYet({ status }: Refused): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Whether a seller says that there never was what is asked for: a 404 of a gateway that has read all its rows, in the
 * name of that seller. Anybody else's 404, such as a proxy's, says nothing.
 *
 * @param sellerID node id
 */
export function neverWas({ status, synced, sellerID: speaker }: Refused, sellerID: string): boolean {
  return status === 404 && synced === true && speaker === sellerID;
}

export type Operation = 'list' | 'reserve' | 'purchase' | 'extra';

/** The other node is broken or cannot be reached; worth a retry. What it did before is not known. */
export class RearFailure extends Error {
  readonly kind: 'timeout' | 'network' | 'too-large' | 'server-error';
  readonly status: number | undefined;

  constructor(kind: RearFailure['kind'], message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'RearFailure';
    this.kind = kind;
    this.status = options.status;
  }
}

const byCode: Readonly<Record<string, RefusalReason>> = {
  FlavorHeld: 'taken',
  FlavorGone: 'gone',
  NotFound: 'gone',
  DoesNotFit: 'misfit',
  TransactionExpired: 'expired',
  NotYours: 'forbidden',
  KeyReused: 'refused',
  TooMany: 'throttled',
  CannotRenew: 'not-renewable',
  NotReady: 'unavailable',
  EpochMismatch: 'unavailable',
};

const byStatus: Readonly<Record<number, RefusalReason>> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'gone',
  408: 'expired',
  409: 'taken',
  410: 'gone',
  429: 'throttled',
  503: 'unavailable',
};

/** A FLUIDOS seller answers 503 until its first poll, 20 s after its start. */
const fluidosStartMs = 20_000;

/**
 * What an answer that is no success means.
 *
 * @throws RearFailure for server errors that say nothing about the request
 * @see docs/rear.md 6.3
 */
export function readRefusal(reply: Reply, operation: Operation, parsed: unknown): Refused {
  const { status, serverDate, roundTripMs } = reply;
  const problem = Problem.safeParse(parsed);
  const timing = { ok: false, status, serverDate, roundTripMs } as const;
  if (problem.success) {
    const { code, detail, successors, synced, sellerID } = problem.data;
    // What every object inherits, such as `constructor`, is no code.
    const known = Object.hasOwn(byCode, code) ? byCode[code] : undefined;
    const reason = known ?? byStatus[status] ?? 'refused';
    if (status >= 500 && reason === 'refused') throw broken(reply);
    return {
      ...timing,
      reason,
      code,
      ...(detail === undefined ? {} : { detail }),
      ...(successors === undefined ? {} : { successors }),
      ...(synced === undefined ? {} : { synced }),
      ...(sellerID === undefined ? {} : { sellerID }),
      ...retryAfter(reply, reason, 1000),
    };
  }
  const reason = foreignReason(status, operation);
  if (reason === undefined) throw broken(reply);
  const detail = reply.text.trim().slice(0, 256);
  return { ...timing, reason, ...(detail === '' ? {} : { detail }), ...retryAfter(reply, reason, fluidosStartMs) };
}

/** FLUIDOS: 500 at RESERVE = no such flavor; at PURCHASE = sold, unknown, or a fault: that flavor is not to be had. */
function foreignReason(status: number, operation: Operation): RefusalReason | undefined {
  if (operation === 'extra' && (status === 404 || status === 405)) return 'unsupported';
  if (status === 500 && operation === 'reserve') return 'gone';
  if (status === 500 && operation === 'purchase') return 'refused';
  const known = byStatus[status];
  if (known) return known;
  return status < 500 ? 'refused' : undefined;
}

function retryAfter(reply: Reply, reason: RefusalReason, fallbackMs: number): { retryAfterMs?: number } {
  const asked = retryAfterOf(reply);
  if (asked !== undefined) return { retryAfterMs: asked };
  return reason === 'unavailable' ? { retryAfterMs: fallbackMs } : {};
}

/** `Retry-After` in seconds or as a date of the seller's clock (RFC 9110), milliseconds, an hour at most. */
export function retryAfterOf({ header, serverDate }: Reply): number | undefined {
  const text = header('retry-after');
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - (serverDate ?? Date.now());
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}

function broken(reply: Reply): RearFailure {
  return new RearFailure('server-error', `the seller answered ${reply.status}`, { status: reply.status });
}
