import { KubeError } from './cluster.ts';
import type {
  Account,
  Cluster,
  CreateOptions,
  DeleteOptions,
  Kind,
  KubeObject,
  PatchOperation,
  Selection,
  Watch,
  WatchEvent,
} from './cluster.ts';
import type { AddressRules } from '../platform/address-guard.ts';
import { impersonation } from './impersonation.ts';
import { kindPath, queryText } from './path.ts';
import { receivedKubeconfig } from './received-kubeconfig.ts';
import { kubeError, send } from './request.ts';
import type { Answer, Call } from './request.ts';
import { Session } from './session.ts';
import { startWatch } from './watch.ts';

export interface ConnectOptions {
  /** Deadline of one call, milliseconds. */
  readonly deadlineMs?: number;
  /** Length of one watch connection before it is resumed, seconds. */
  readonly watchSeconds?: number;
  /** Told about each break of a watch, for the log. */
  readonly onTrouble?: (message: string) => void;
}

interface Listed<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

const pageSize = 500;

/** Items of a list come without them. */
function named<T extends KubeObject>(kind: Kind, object: T): T {
  return { ...object, apiVersion: kind.apiVersion, kind: kind.kind };
}

/** How calls are made through one view of a cluster. */
interface View {
  readonly signal?: AbortSignal;
  readonly account?: Account;
}

/** One API server as a {@link Cluster}; all its views share its session and its watches. */
class ConnectedCluster implements Cluster {
  readonly #session: Session;
  readonly #options: Required<ConnectOptions>;
  readonly #watches: Set<Watch>;
  readonly #view: View;

  constructor(session: Session, options: Required<ConnectOptions>, watches: Set<Watch>, view: View = {}) {
    this.#session = session;
    this.#options = options;
    this.#watches = watches;
    this.#view = view;
  }

  get server(): string {
    return this.#session.server;
  }

  bound(signal: AbortSignal): Cluster {
    const both = this.#view.signal ? AbortSignal.any([this.#view.signal, signal]) : signal;
    return new ConnectedCluster(this.#session, this.#options, this.#watches, { ...this.#view, signal: both });
  }

  impersonating(account: Account): Cluster {
    return new ConnectedCluster(this.#session, this.#options, this.#watches, { ...this.#view, account });
  }

  async get<T extends KubeObject>(kind: Kind, name: string, namespace?: string): Promise<T | undefined> {
    return this.#optional<T>({ method: 'GET', path: kindPath(kind, { namespace, name }) });
  }

  async list<T extends KubeObject>(
    kind: Kind,
    selection: Selection = {},
  ): Promise<{ items: T[]; resourceVersion: string }> {
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      const { namespace, labelSelector, fieldSelector } = selection;
      const query = queryText({ limit: pageSize, continue: next, labelSelector, fieldSelector });
      const page = await this.#call<Listed<T>>({ method: 'GET', path: kindPath(kind, { namespace }) + query });
      for (const item of page.items) items.push(named(kind, item));
      next = page.metadata.continue || undefined;
      if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  async create<T extends KubeObject>(kind: Kind, object: T, { dryRun = false }: CreateOptions = {}): Promise<T> {
    const query = queryText({ dryRun: dryRun ? 'All' : undefined });
    const path = kindPath(kind, { namespace: this.#namespaceOf(kind, object) }) + query;
    return this.#call<T>({ method: 'POST', path, body: named(kind, object) });
  }

  async apply<T extends KubeObject>(kind: Kind, object: T, fieldManager: string, subresource?: 'status'): Promise<T> {
    const path = this.#pathOf(kind, object, subresource) + queryText({ fieldManager, force: true });
    const contentType = 'application/apply-patch+yaml';
    return this.#call<T>({ method: 'PATCH', path, body: named(kind, object), contentType });
  }

  async replace<T extends KubeObject>(kind: Kind, object: T, subresource?: 'status'): Promise<T> {
    return this.#call<T>({ method: 'PUT', path: this.#pathOf(kind, object, subresource), body: named(kind, object) });
  }

  async merge<T extends KubeObject>(
    kind: Kind,
    name: string,
    namespace: string | undefined,
    patch: object,
    subresource?: 'status',
  ): Promise<T | undefined> {
    const path = kindPath(kind, { namespace, name, subresource });
    return this.#optional<T>({ method: 'PATCH', path, body: patch, contentType: 'application/merge-patch+json' });
  }

  async patch<T extends KubeObject>(
    kind: Kind,
    name: string,
    namespace: string | undefined,
    operations: readonly PatchOperation[],
    fieldManager: string,
    subresource?: 'status',
  ): Promise<T | undefined> {
    const path = kindPath(kind, { namespace, name, subresource }) + queryText({ fieldManager });
    const contentType = 'application/json-patch+json';
    return this.#optional<T>({ method: 'PATCH', path, body: operations, contentType });
  }

  async delete(kind: Kind, name: string, namespace?: string, options: DeleteOptions = {}): Promise<boolean> {
    const { uid, propagation, gracePeriodSeconds } = options;
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: propagation ?? 'Background',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    const call = { method: 'DELETE', path: kindPath(kind, { namespace, name }), body };
    return (await this.#optional<object>(call)) !== undefined;
  }

  async createSubresource<T>(
    kind: Kind,
    name: string,
    namespace: string,
    subresource: string,
    body: object,
  ): Promise<T> {
    return this.#call<T>({ method: 'POST', path: kindPath(kind, { namespace, name, subresource }), body });
  }

  watch<T extends KubeObject>(kind: Kind, selection: Selection, onEvent: (event: WatchEvent<T>) => void): Watch {
    const { watchSeconds, onTrouble } = this.#options;
    const list = <U extends KubeObject>(of: Kind, part: Selection, signal: AbortSignal) =>
      this.bound(signal).list<U>(of, part);
    const started = startWatch<T>({ session: this.#session, list, watchSeconds, onTrouble }, kind, selection, onEvent);
    const watch: Watch = {
      get live() {
        return started.live;
      },
      close: () => {
        started.close();
        this.#watches.delete(watch);
      },
    };
    this.#watches.add(watch);
    return watch;
  }

  async raw(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return this.#send({ method, path, body });
  }

  async close(): Promise<void> {
    for (const watch of [...this.#watches]) watch.close();
    await this.#session.close();
  }

  #namespaceOf(kind: Kind, object: KubeObject): string | undefined {
    if (kind.namespaced && !object.metadata.namespace) {
      throw new RangeError(
        `${kind.kind} ${object.metadata.name ?? ''}: metadata.namespace is missing; the kind is namespaced`,
      );
    }
    return object.metadata.namespace;
  }

  #pathOf(kind: Kind, object: KubeObject, subresource: string | undefined): string {
    const { name, namespace } = object.metadata;
    if (!name) throw new RangeError(`${kind.kind}: metadata.name is missing; name the object to write`);
    return kindPath(kind, { namespace, name, subresource });
  }

  async #send(call: Call): Promise<Answer> {
    const { signal, account } = this.#view;
    signal?.throwIfAborted();
    const headers = account === undefined ? {} : { headers: impersonation(account) };
    return send(this.#session, { ...call, ...headers }, { deadlineMs: this.#options.deadlineMs, signal });
  }

  async #call<T>(call: Call): Promise<T> {
    const answer = await this.#send(call);
    if (answer.status >= 200 && answer.status < 300) return answer.body as T;
    throw kubeError(call, answer);
  }

  async #optional<T>(call: Call): Promise<T | undefined> {
    try {
      return await this.#call<T>(call);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/**
 * Connects to one Kubernetes API server.
 *
 * Loading, authentication and TLS are the official client's; the calls go over one keep-alive undici dispatcher per
 * cluster, because the client itself makes a TLS handshake per call. Nothing is sent yet.
 *
 * @param kubeconfig path of a kubeconfig, its YAML or JSON text, or `in-cluster`
 * @throws RearflowError `InvalidConfig` when its current context names no cluster
 */
export function connectCluster(kubeconfig: string, options: ConnectOptions = {}): Cluster {
  return connected(new Session(kubeconfig), options);
}

/**
 * Connects with a kubeconfig that another party wrote: only its server, certificate authority and token count.
 *
 * @param text YAML or JSON; never a path
 * @param addresses where its server may be
 * @throws RearflowError `InvalidRequest` when it holds anything else
 */
export function connectReceived(text: string, addresses: AddressRules, options: ConnectOptions = {}): Cluster {
  return connected(new Session(receivedKubeconfig(text, addresses), addresses), options);
}

function connected(session: Session, options: ConnectOptions): Cluster {
  const filled = { deadlineMs: 10_000, watchSeconds: 60, onTrouble: () => undefined, ...options };
  return new ConnectedCluster(session, filled, new Set());
}
