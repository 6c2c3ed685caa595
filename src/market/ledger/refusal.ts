import type { ErrorCode } from '../../platform/errors.ts';
/** An expected no, with the reason and the ways on. */
export interface Refusal {
  readonly ok: false;
  readonly code: Extract<
    ErrorCode,
    | 'FlavorGone'
    | 'FlavorHeld'
    | 'DoesNotFit'
    | 'TransactionExpired'
    | 'NotFound'
    | 'NotYours'
    | 'KeyReused'
    | 'TooMany'
    | 'TooLarge'
    | 'NotReady'
  >;
  readonly detail: string;
  readonly successors: readonly Successor[];
  /** Milliseconds since the epoch until which the present holder may purchase. */
  readonly until?: number;
}

/** Where a buyer may go instead: flavors cut from the same origin. */
export interface Successor {
  readonly flavorID: string;
  readonly fits: boolean;
}
