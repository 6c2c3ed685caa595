import type { ContractDocument } from '../signing/carry.ts';
import type { ErrorCode } from '../platform/errors.ts';
import type { Renewal, RenewalRequest } from '../schemas/renewal.ts';
import type { Flavor, PurchaseRequest, ReserveRequest, Transaction } from '../schemas/wire.ts';
import type { Successor } from '../market/ledger/refusal.ts';

/** A flavor on offer, with the bytes of its wire form made once. */
export interface ServedFlavor {
  readonly flavor: Flavor;
  /** UTF-8 JSON of `wireFlavor(flavor)`. */
  readonly bytes: Buffer;
}

/** The catalog in memory. `version` changes whenever what `list` returns changes. */
export interface FlavorSource {
  readonly version: number;
  list(): readonly ServedFlavor[];
}

/** Who calls and how. */
export interface CallContext {
  /** Header `Idempotency-Key`; plain FLUIDOS buyers send none. */
  readonly idempotencyKey?: string;
  /** Where the call came from, IP address. */
  readonly address: string;
  /** `Prefer: wait=N`, milliseconds. */
  readonly waitMs?: number;
  /** `Prefer: handling=lenient`: a successor is as good as the flavor itself. */
  readonly lenient: boolean;
  /** Aborted when the caller hangs up: it must not get what it waited for. */
  readonly signal: AbortSignal;
}

/** An expected no; `code` gives the status. */
export interface BackendRefusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly field?: string;
  readonly successors?: readonly Successor[];
  readonly retryAfterMs?: number;
  /** Of `NotFound`: this seller has read all its rows, so there never was such a thing. Node id. */
  readonly sellerID?: string;
}
export type BackendAnswer<T> = ({ readonly ok: true } & T) | BackendRefusal;

/** RESERVE as it left the request handler: no kubeconfig anywhere, the service configuration apart from the rest. */
export interface ReserveOrder {
  readonly request: ReserveRequest;
  /** Thumbprint of the key that signed the reservation; plain FLUIDOS buyers sign nothing. */
  readonly buyerKey?: string;
  /** `configurationData` of a service, a secret: to be kept in a Secret, never in a history, row or log. */
  readonly serviceConfiguration?: unknown;
}

export type BoughtContract = { readonly document: ContractDocument };

/** What the gateway needs of the market behind it. Broken infrastructure throws; everything else is a value. */
export interface MarketBackend {
  reserve(
    order: ReserveOrder,
    context: CallContext,
  ): Promise<BackendAnswer<{ readonly transaction: Transaction; readonly contractDraft?: ContractDocument }>>;
  /** Idempotent; a key that never arrived is remembered, so that its late RESERVE finds nothing. */
  release(idempotencyKey: string, context: CallContext): Promise<BackendAnswer<object>>;
  releaseTransaction(transactionID: string, context: CallContext): Promise<BackendAnswer<object>>;
  transaction(
    transactionID: string,
    context: CallContext,
  ): Promise<BackendAnswer<{ readonly transaction: Transaction }>>;
  /** `document` holds current credentials when this caller may have them. */
  purchase(transactionID: string, body: PurchaseRequest, context: CallContext): Promise<BackendAnswer<BoughtContract>>;
  contract(
    which: { readonly transactionID: string } | { readonly contractID: string },
    context: CallContext,
  ): Promise<BackendAnswer<BoughtContract>>;
  /** Adds time to a contract; `context.idempotencyKey` makes a repeat the same renewal. */
  renew(
    contractID: string,
    request: RenewalRequest,
    context: CallContext,
  ): Promise<BackendAnswer<{ readonly renewal: Renewal }>>;
  /** Idempotent; answers as soon as the end is ordered. */
  endContract(contractID: string, reason: string, context: CallContext): Promise<BackendAnswer<object>>;
  /** Compact JWS of the provider receipt; absent while the contract is still ending. */
  receipt(contractID: string, context: CallContext): Promise<BackendAnswer<{ readonly receipt?: string }>>;
  /** CONFIRM_RESERVATION, on the buyer's gateway: compact JWS of the seller. */
  confirm(confirmation: string, context: CallContext): Promise<BackendAnswer<object>>;
  /** The seller ends a contract before its term, on the buyer's gateway: compact JWS of the seller. */
  notice(notice: string, context: CallContext): Promise<BackendAnswer<object>>;
  /** Is this a transaction, a contract or the thumbprint of a buyer's key of which something lives here? From memory. */
  isKnown(id: string): boolean;
  /** `undefined` = ready; else what is missing. */
  notReady(): string | undefined;
}
