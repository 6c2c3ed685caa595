import type { KubeObject } from '../kubernetes/cluster.ts';
import type { News } from '../kubernetes/object-events.ts';
import { pollUntil } from '../kubernetes/poll.ts';

/** What every waiting step is given by its caller. */
export interface Step {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Called at least every second while a step waits. */
  readonly heartbeat: () => void;
}

/** A wait that was ended before its condition came true: says which object, which condition, and since when. */
export class StillWaiting extends Error {
  readonly object: string;
  readonly condition: string;

  constructor(object: string, condition: string, since: Date, seen: string) {
    const seconds = ((Date.now() - since.getTime()) / 1000).toFixed(1);
    super(`${object}: still waiting for ${condition} since ${since.toISOString()} (${seconds} s); last seen: ${seen}`);
    this.name = 'StillWaiting';
    this.object = object;
    this.condition = condition;
  }
}

/** `Kind namespace/name`, as in read-backs and errors. */
export function nameOf(kind: { readonly kind: string }, name: string, namespace?: string): string {
  return `${kind.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** One look: the result when the condition holds, else what was seen instead. */
export type Look<T> = { readonly done: T } | { readonly seen: string };

interface Emptying {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** What is in the way of an object that should be gone. */
export function remains(object: KubeObject): string {
  const finalizers = object.metadata.finalizers ?? [];
  const state = object.metadata.deletionTimestamp === undefined ? 'there' : 'being deleted';
  const held = finalizers.length === 0 ? state : `${state}, held by ${finalizers.join(', ')}`;
  // A namespace says in its conditions what its content waits for.
  const { conditions = [] } = (object as Emptying).status ?? {};
  const why = conditions.filter(({ type, status }) => type.endsWith('Remaining') && status === 'True');
  return [held, ...why.map(({ message }) => message ?? '')].join('; ');
}

/**
 * Looks until the condition holds: after 25 ms first, then ever more rarely up to every 250 ms; with news also whenever
 * there is some, and without only every second.
 *
 * @throws StillWaiting when the signal ends the wait; a cancellation of Temporal passes through as it is
 */
export async function waitFor<T>(
  object: string,
  condition: string,
  look: () => Promise<Look<T>>,
  step: Step,
  news?: News,
): Promise<T> {
  const since = new Date();
  let seen = 'nothing yet';
  const beat = setInterval(step.heartbeat, 1_000);
  try {
    const found = await pollUntil<{ readonly done: T }>(
      async () => {
        const now = await look();
        if ('done' in now) return now;
        seen = now.seen;
        return undefined;
      },
      { ...step, firstMs: 25, ...(news ? { news: () => news.next(), longestMs: 1_000 } : {}) },
    );
    return found.done;
  } catch (error) {
    const cancelled = step.signal.reason instanceof Error && step.signal.reason.name === 'CancelledFailure';
    if (!step.signal.aborted) throw error;
    if (cancelled) throw step.signal.reason;
    throw new StillWaiting(object, condition, since, seen);
  } finally {
    clearInterval(beat);
  }
}
