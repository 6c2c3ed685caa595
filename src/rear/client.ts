import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { ContractDocument } from '../signing/carry.ts';
import { guardedDispatcher, type AddressRules } from '../platform/address-guard.ts';
import { exchange, HttpFailure, type Reply } from '../platform/http-exchange.ts';
import { Contract, Transaction, type Flavor, type PurchaseRequest, type ReserveRequest } from '../schemas/wire.ts';
import { formatReason } from '../schemas/reason.ts';
import { Renewal, type RenewalRequest } from '../schemas/renewal.ts';
import { listBudget } from '../schemas/budgets.ts';
import { longestReceipt } from '../schemas/read-backs.ts';
import { readFlavors, type DroppedItem } from './dialect.ts';
import { gatewayUrl } from './endpoint.ts';
import { tolerant, withoutKubeconfigs } from './plain.ts';
import { readRefusal, RearFailure, retryAfterOf, type Operation, type Refused, type Timing } from './refusal.ts';
import { signatureHeader } from './signed-reservation.ts';
import { encodeSelector, type Selector } from './selector.ts';

export type Answered<T> = ({ readonly ok: true } & T & Timing) | Refused;

export interface Listed {
  readonly flavors: readonly Flavor[];
  /** Items that were not understood, with the reason. */
  readonly dropped: readonly DroppedItem[];
}
export interface Reserved {
  readonly transaction: Transaction;
  /** What PURCHASE will make; a buyer may sign its digest. Rearflow sellers only. */
  readonly contractDraft?: Readonly<Record<string, unknown>>;
}
/** Kubeconfig of the seller's cluster for the peering, base64. A secret: never put it into a workflow's history. */
export interface PeeringCredentials {
  readonly clusterID: string;
  readonly kubeconfig: string;
}
export interface Bought {
  readonly contract: Contract;
  /** The contract exactly as it was sent, without credentials: what the seller's signature is checked against. */
  readonly document: ContractDocument;
  readonly credentials?: PeeringCredentials;
}
export interface Renewed {
  readonly renewal: Renewal;
}
/** `receipt` is missing while the contract is still ending. */
export interface ReceiptRead {
  readonly receipt?: string;
  readonly retryAfterMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}
export interface KeyedOptions extends CallOptions {
  readonly idempotencyKey: string;
}

/** Calls to other nodes' gateways. Every one ends: with an answer, a refusal, or a thrown {@link RearFailure}. */
export interface RearClient {
  list(endpoint: string, selector: Selector, options?: ListOptions): Promise<Answered<Listed>>;
  reserve(endpoint: string, body: ReserveRequest, options: ReserveOptions): Promise<Answered<Reserved>>;
  purchase(
    endpoint: string,
    transactionID: string,
    body: PurchaseRequest,
    options: KeyedOptions,
  ): Promise<Answered<Bought>>;
  release(endpoint: string, idempotencyKey: string, options?: CallOptions): Promise<Answered<object>>;
  contract(endpoint: string, transactionID: string, options?: ContractOptions): Promise<Answered<Bought>>;
  endContract(endpoint: string, contractID: string, options?: EndOptions): Promise<Answered<object>>;
  renew(endpoint: string, contractID: string, body: RenewalRequest, options: KeyedOptions): Promise<Answered<Renewed>>;
  receipt(endpoint: string, contractID: string, options?: ReceiptOptions): Promise<Answered<ReceiptRead>>;
  jwks(endpoint: string, options?: CallOptions): Promise<Answered<{ readonly jwks: JSONWebKeySet }>>;
  confirm(endpoint: string, confirmation: string, options?: CallOptions): Promise<Answered<object>>;
  /** Tells a buyer that its contract ends before its term. */
  notice(endpoint: string, notice: string, options?: CallOptions): Promise<Answered<object>>;
  close(): Promise<void>;
}
export interface ListOptions extends CallOptions {
  /** `fluidos` asks for everything: a Go seller's filtered list holds the wrong elements. */
  readonly dialect?: 'rearflow' | 'fluidos';
}
export interface ReserveOptions extends KeyedOptions {
  /** How long the seller may keep us in its queue, milliseconds. */
  readonly waitMs?: number;
  /** Detached JWS of the buyer over the body. */
  readonly signature?: string;
  /** Follow successors instead of queueing. */
  readonly lenient?: boolean;
}
export interface ContractOptions extends CallOptions {
  /** Key of the PURCHASE; without it an open gateway gives no credentials. */
  readonly idempotencyKey?: string;
}
export interface ReceiptOptions extends ContractOptions {
  /** How long the seller may keep us waiting for it, milliseconds; one who does not know this answers at once. */
  readonly waitMs?: number;
}
export interface EndOptions extends CallOptions {
  readonly idempotencyKey?: string;
  readonly reason?: string;
}

/** Longest answer to anything but a LIST. */
const maxAnswerBytes = 512 * 1024;
/** A FLUIDOS seller takes 10 s to make credentials. */
const purchaseTimeoutMs = 35_000;

const Draft = z.object({ contractDraft: z.record(z.string(), z.unknown()).optional().catch(undefined) });
/** A message that closes the rows holds it beside others, so it stays well below the budget of one. */
const Receipt = z.object({ receipt: z.string().max(longestReceipt) });
const Jwks = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(32) });
const Document = z.record(z.string(), z.unknown());
const Credentials = z.object({ clusterID: z.string().max(253), kubeconfig: z.string().min(1) });

export interface RearClientOptions {
  /** Where calls may go: endpoints arrive in messages of others. */
  readonly addresses: AddressRules;
  /** Bounds each call that does not say otherwise, milliseconds. */
  readonly timeoutMs: number;
}

/** A client with connections of its own; `close` ends them. */
export function createRearClient({ addresses, timeoutMs }: RearClientOptions): RearClient {
  const dispatcher = guardedDispatcher(addresses, timeoutMs);

  async function call<T>(
    operation: Operation,
    request: { method: 'GET' | 'POST' | 'DELETE'; url: string; body?: unknown; headers?: Record<string, string> },
    { signal, timeoutMs: own = timeoutMs }: CallOptions,
    read: (body: unknown, reply: Reply) => T | undefined,
  ): Promise<Answered<T>> {
    const { method, url, body } = request;
    const reply = await exchange({
      dispatcher,
      method,
      url,
      headers: { ...request.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: own,
      maxBytes: operation === 'list' ? listBudget.bytes : maxAnswerBytes,
      ...(signal ? { signal } : {}),
    }).catch((error: unknown) => {
      if (error instanceof HttpFailure) throw new RearFailure(error.kind, error.message, { cause: error });
      throw error;
    });
    const { status, serverDate, roundTripMs } = reply;
    const parsed = parseJson(reply.text);
    if (status < 200 || status > 299) return readRefusal(reply, operation, parsed);
    const value = understood(() => read(parsed, reply));
    if (value === undefined) return { ok: false, reason: 'bad-answer', status, serverDate, roundTripMs };
    return { ok: true, ...value, serverDate, roundTripMs };
  }

  const done = (): object => ({});
  const extra = (
    method: 'GET' | 'POST' | 'DELETE',
    endpoint: string,
    path: string,
  ): { method: typeof method; url: string } => ({
    method,
    url: gatewayUrl(endpoint, path),
  });

  return {
    list: (endpoint, selector, { dialect = 'rearflow', ...rest } = {}) => {
      const query = dialect === 'fluidos' ? '' : encodeSelector(selector, dialect);
      const url = gatewayUrl(endpoint, `/api/v2/flavors${query === '' ? '' : `?${query}`}`);
      return call('list', { method: 'GET', url }, rest, (body, { status }) => {
        if (status === 204) return { flavors: [], dropped: [] };
        return readFlavors(body);
      });
    },
    reserve: (endpoint, body, { waitMs, lenient, signature, ...rest }) => {
      const wait = waitMs === undefined ? [] : [`wait=${Math.ceil(waitMs / 1000)}`];
      const prefer = [...wait, ...(lenient === true ? ['handling=lenient'] : [])].join(', ');
      const headers = {
        'idempotency-key': rest.idempotencyKey,
        ...(prefer === '' ? {} : { prefer }),
        ...(signature === undefined ? {} : { [signatureHeader]: signature }),
      };
      const limits = { ...rest, timeoutMs: (rest.timeoutMs ?? timeoutMs) + (waitMs ?? 0) };
      const request = { method: 'POST', url: gatewayUrl(endpoint, '/api/v2/reservations'), body, headers } as const;
      return call('reserve', request, limits, (answer) => {
        const transaction = Transaction.safeParse(tolerant(answer));
        if (!transaction.success) return undefined;
        const draft = Draft.safeParse(withoutKubeconfigs(answer)).data?.contractDraft;
        return { transaction: transaction.data, ...(draft === undefined ? {} : { contractDraft: draft }) };
      });
    },
    purchase: (endpoint, transactionID, body, rest) => {
      const url = gatewayUrl(endpoint, `/api/v2/transactions/${encodeURIComponent(transactionID)}/purchase`);
      const headers = { 'idempotency-key': rest.idempotencyKey };
      return call(
        'purchase',
        { method: 'POST', url, body, headers },
        { timeoutMs: purchaseTimeoutMs, ...rest },
        readBought,
      );
    },
    release: (endpoint, key, rest = {}) =>
      call('extra', extra('DELETE', endpoint, `/api/v2/reservations/${encodeURIComponent(key)}`), rest, done),
    contract: (endpoint, transactionID, rest = {}) => {
      const path = `/api/v2/transactions/${encodeURIComponent(transactionID)}/contract`;
      const headers = rest.idempotencyKey === undefined ? {} : { 'idempotency-key': rest.idempotencyKey };
      return call('extra', { ...extra('GET', endpoint, path), headers }, rest, readBought);
    },
    endContract: (endpoint, contractID, rest = {}) => {
      const reason =
        rest.reason === undefined ? '' : `?${new URLSearchParams({ reason: formatReason(rest.reason) }).toString()}`;
      const path = `/api/v2/contracts/${encodeURIComponent(contractID)}${reason}`;
      const headers = rest.idempotencyKey === undefined ? {} : { 'idempotency-key': rest.idempotencyKey };
      return call('extra', { ...extra('DELETE', endpoint, path), headers }, rest, done);
    },
    renew: (endpoint, contractID, body, rest) => {
      const path = `/api/v2/contracts/${encodeURIComponent(contractID)}/renewal`;
      const headers = { 'idempotency-key': rest.idempotencyKey };
      return call('extra', { ...extra('POST', endpoint, path), body, headers }, rest, (answer) => {
        const renewal = Renewal.safeParse(answer);
        return renewal.success ? { renewal: renewal.data } : undefined;
      });
    },
    receipt: (endpoint, contractID, { waitMs = 0, ...rest } = {}) => {
      const path = `/api/v2/contracts/${encodeURIComponent(contractID)}/receipt`;
      const headers: Record<string, string> = {
        ...(waitMs > 0 ? { prefer: `wait=${Math.ceil(waitMs / 1000)}` } : {}),
        ...(rest.idempotencyKey === undefined ? {} : { 'idempotency-key': rest.idempotencyKey }),
      };
      const limits = { ...rest, timeoutMs: (rest.timeoutMs ?? timeoutMs) + waitMs };
      const request = { ...extra('GET', endpoint, path), headers };
      return call<ReceiptRead>('extra', request, limits, (body, reply) => {
        if (reply.status === 202) return { retryAfterMs: retryAfterOf(reply) ?? 1_000 };
        return Receipt.safeParse(body).data;
      });
    },
    jwks: (endpoint, rest = {}) =>
      call('extra', extra('GET', endpoint, '/.well-known/jwks.json'), rest, (body) => {
        const jwks = Jwks.safeParse(body);
        return jwks.success ? { jwks: jwks.data as unknown as JSONWebKeySet } : undefined;
      }),
    confirm: (endpoint, confirmation, rest = {}) =>
      call('extra', { ...extra('POST', endpoint, '/api/v2/confirmations'), body: { confirmation } }, rest, done),
    notice: (endpoint, notice, rest = {}) =>
      call('extra', { ...extra('POST', endpoint, '/api/v2/notices'), body: { notice } }, rest, done),
    close: () => dispatcher.close(),
  };
}

function readBought(body: unknown): Bought | undefined {
  const raw = Document.safeParse(body);
  if (!raw.success) return undefined;
  const { peeringTargetCredentials, ...rest } = raw.data;
  const contract = Contract.safeParse(tolerant(rest));
  if (!contract.success) return undefined;
  const credentials = Credentials.safeParse(peeringTargetCredentials);
  return {
    contract: contract.data,
    document: Document.parse(withoutKubeconfigs(rest)),
    ...(credentials.success ? { credentials: credentials.data } : {}),
  };
}

/** What is nested too deeply to be read is no answer. */
function understood<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
