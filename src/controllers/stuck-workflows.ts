import type { Logger } from '../platform/log.ts';
import type { Running } from '../platform/running.ts';

/** A workflow and what its present task is like. */
export interface Task {
  readonly runId: string;
  /** How often the present task was tried; 0 without one. */
  readonly attempt: number;
}

export interface StuckWorkflowsDeps {
  /** Ids of the workflows that run; may lag. */
  readonly running: () => Promise<readonly string[]>;
  /** @returns undefined when it does not run */
  readonly taskOf: (workflowId: string) => Promise<Task | undefined>;
  /** Takes a workflow up again from what is written. @returns what was done, for people */
  readonly restart: (workflowId: string, runId: string) => Promise<string>;
  /** Counts a workflow that was found stuck. */
  readonly count: () => void;
  readonly log: Logger;
  /** A workflow whose task fails for that long is stuck, milliseconds. */
  readonly stuckAfterMs: number;
}

/** How many workflows are asked at each look, besides those that are suspected; 5,000 take a few minutes. */
const askedAtOnce = 200;
/** Looks until a suspect is stuck. */
const looks = 6;

/**
 * Notices workflows that cannot go on, because each try of their task fails, and has them taken up again.
 *
 * @see docs/architecture.md 3.11
 */
export function startStuckWorkflows(deps: StuckWorkflowsDeps): Running {
  const { running, taskOf, restart, count, log, stuckAfterMs } = deps;
  const suspects = new Map<string, Task & { readonly since: number }>();
  let round: string[] = [];
  let work: Promise<void> | undefined;

  async function look(): Promise<void> {
    if (round.length === 0) round = [...(await running())];
    const asked = new Set([...suspects.keys(), ...round.splice(0, askedAtOnce)]);
    for (const workflowId of asked) await examine(workflowId);
  }

  async function examine(workflowId: string): Promise<void> {
    const task = await taskOf(workflowId);
    const before = suspects.get(workflowId);
    if (task === undefined || task.attempt < 2) {
      suspects.delete(workflowId);
      return;
    }
    const same = before !== undefined && before.runId === task.runId && before.attempt <= task.attempt;
    const since = same ? before.since : Date.now();
    suspects.set(workflowId, { ...task, since });
    if (Date.now() - since < stuckAfterMs) return;
    suspects.delete(workflowId);
    count();
    log.error({ workflowId, attempts: task.attempt }, 'a workflow cannot go on: its task fails again and again');
    log.error({ workflowId, how: await restart(workflowId, task.runId) }, 'a workflow that could not go on');
  }

  const timer = setInterval(() => {
    work ??= look()
      .catch((error: unknown) => {
        log.warn({ reason: String(error) }, 'could not look after workflows that may be stuck; will try again');
      })
      .finally(() => {
        work = undefined;
      });
  }, stuckAfterMs / looks);
  timer.unref();

  return {
    async close() {
      clearInterval(timer);
      await work;
    },
  };
}
