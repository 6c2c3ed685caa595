import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { KubeError } from './cluster.ts';
import type { Kind, KubeObject, Selection, Watch, WatchEvent } from './cluster.ts';
import { lines } from './ndjson.ts';
import { kindPath, queryText } from './path.ts';
import { connectionError } from './request.ts';
import type { Session } from './session.ts';

export interface WatchSource {
  readonly session: Session;
  readonly list: <T extends KubeObject>(
    kind: Kind,
    selection: Selection,
    signal: AbortSignal,
  ) => Promise<{ items: T[]; resourceVersion: string }>;
  /** The server ends a watch after this long and it is resumed; silence for 15 s more means a dead connection. */
  readonly watchSeconds: number;
  /** Told about each break, for the log; the watch goes on by itself. */
  readonly onTrouble: (message: string) => void;
}

type Line =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: { code?: number; reason?: string; message?: string } };

const silenceSeconds = 15;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** A server that ends watches as soon as they begin is not asked more often than this. */
const leastMs = 500;

/** Full jitter (between half and all of it) keeps many watchers from returning at the same moment. */
function pauseMs(failures: number): number {
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10));
  return full / 2 + (Math.random() * full) / 2;
}

/** `namespace/name`; the namespace is empty at cluster scope. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;
}

/** Follows one connection from a resource version to its end. */
async function follow<T extends KubeObject>(
  source: WatchSource,
  kind: Kind,
  selection: Selection,
  from: string,
  onEvent: (event: WatchEvent<T>) => void,
  onProgress: (resourceVersion: string) => void,
  onOpen: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { watches, headers } = await source.session.credentials();
  const query = queryText({
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: from,
    timeoutSeconds: source.watchSeconds,
    labelSelector: selection.labelSelector,
    fieldSelector: selection.fieldSelector,
  });
  const answer = await request(source.session.server + kindPath(kind, { namespace: selection.namespace }) + query, {
    dispatcher: watches,
    headers,
    signal,
    headersTimeout: silenceSeconds * 1000,
    bodyTimeout: (source.watchSeconds + silenceSeconds) * 1000,
  });
  if (answer.statusCode !== 200) {
    const text = await answer.body.text();
    if (answer.statusCode === 401) await source.session.credentials(true);
    throw new KubeError(answer.statusCode, answer.statusCode === 410 ? 'Expired' : 'Unknown', text.slice(0, 200));
  }
  onOpen();
  for await (const line of lines(answer.body)) {
    const event = JSON.parse(line) as Line;
    if (event.type === 'ERROR') {
      throw new KubeError(
        event.object.code ?? 500,
        event.object.reason ?? 'Unknown',
        event.object.message ?? 'watch error',
      );
    }
    if (signal.aborted) return;
    if (event.type !== 'BOOKMARK') {
      onEvent({ type: event.type === 'DELETED' ? 'gone' : 'set', object: event.object as T });
    }
    const version = event.object.metadata.resourceVersion;
    if (version !== undefined) onProgress(version);
  }
}

/**
 * List, then watch, until closed.
 *
 * An orderly end (the server's time-out) is resumed at once from the last version seen, bookmarks included. Any break
 * is resumed after a jittered pause; version too old (410), or an event the receiver choked on, means a new list.
 */
export function startWatch<T extends KubeObject>(
  source: WatchSource,
  kind: Kind,
  selection: Selection,
  onEvent: (event: WatchEvent<T>) => void,
): Watch {
  const closing = new AbortController();
  const { signal } = closing;
  let version: string | undefined;
  let failures = 0;
  let live = false;
  const listAll = async (): Promise<string> => {
    const { items, resourceVersion } = await source.list<T>(kind, selection, signal);
    for (const object of items) {
      if (signal.aborted) return resourceVersion;
      onEvent({ type: 'set', object });
    }
    if (!signal.aborted) onEvent({ type: 'synced', keys: new Set(items.map(keyOf)) });
    return resourceVersion;
  };
  const guarded = (event: WatchEvent<T>): void => {
    try {
      onEvent(event);
    } catch (error) {
      version = undefined;
      throw error;
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        version ??= await listAll();
        const since = Date.now();
        const onProgress = (seen: string): void => void (version = seen);
        await follow(source, kind, selection, version, guarded, onProgress, () => (live = true), signal);
        failures = 0;
        if (Date.now() - since < leastMs) await sleep(leastMs, undefined, { signal });
      } catch (error) {
        live = false;
        if (signal.aborted) return;
        if (error instanceof KubeError && error.status === 410) version = undefined;
        const cause = connectionError(source.session.server, error, undefined);
        source.onTrouble(`watch of ${kind.plural}: ${cause instanceof Error ? cause.message : String(cause)}`);
        await sleep(pauseMs(failures), undefined, { signal }).catch(() => undefined);
        failures += 1;
      }
    }
  };
  void run();
  return {
    get live() {
      return live;
    },
    close: () => closing.abort(),
  };
}
