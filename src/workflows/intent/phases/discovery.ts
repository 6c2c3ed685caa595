import { ApplicationFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { SearchActivities } from '../../../activities/intent/search.ts';
import type { Candidate } from '../../../messages/intent/candidate.ts';
import type { Need } from '../../../messages/intent/need.ts';
import { durationMs } from '../../../schemas/duration.ts';
import { finishing } from '../../activity-options.ts';
import type { IntentContext } from '../context.ts';
import { undoPreviousRun } from '../previous-run.ts';
import type { Status } from '../status.ts';

const looking = {
  ...finishing,
  startToCloseTimeout: '1m',
  heartbeatTimeout: '8s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
} as const;
/** A search that begins late knows at least what there is. */
const shortestLookMs = 60_000;
/** A search answers in time by itself; this is for when it cannot. */
const marginMs = 10_000;

const shortestPauseMs = 2_000;
const longestPauseMs = 15_000;

/**
 * Offers to choose from: own resources first, then known candidates, then rounds of LIST to every known gateway until the
 * intent's deadline.
 *
 * @throws ApplicationFailure `NoProvider` with the nearest miss, `LeftBehind`
 * @see docs/steps.md 3-12
 */
export async function* discovery(context: IntentContext): AsyncGenerator<readonly Candidate[], void> {
  const { need, status } = context;
  if (!context.searching) {
    const { placement } = need.intent;
    status.enter('intent', 'own resources and known candidates');
    const { own, known } = await lookUpKnown(context);
    if (placement !== 'remote') yield own;
    if (placement === 'local') throw noProvider(status, 'own resources do not suffice');
    yield known;
  }
  context.searching = false;
  for (;;) {
    yield await list(context);
    if (Date.now() >= need.deadline) throw noProvider(status, 'no offer was left before the deadline');
    const advice = status.state.decision?.relax?.advice ?? 'none seen';
    status.waitFor(`an offer that suffices (${advice})`, need.deadline);
    await sleep(pauseMs(need), { summary: 'before the next discovery' });
    await context.continueAsNewIfDue(context.history.state);
  }
}

/** Own flavors and candidates, once nothing is left of a previous run of the same name. */
async function lookUpKnown(context: IntentContext): ReturnType<SearchActivities['lookUp']> {
  const { intent, deadline } = context.need;
  for (;;) {
    const scheduleToCloseTimeout = Math.max(deadline - Date.now(), shortestLookMs);
    const { lookUp } = proxyActivities<SearchActivities>({ ...looking, scheduleToCloseTimeout });
    const first = context.untouched;
    context.untouched = false;
    const found = await lookUp.executeWithOptions({ summary: 'own flavors [3], known candidates [5]' }, [
      { intent, revision: Date.now(), first },
    ]);
    context.limits = found.limits;
    if (!found.before) return found;
    await undoPreviousRun(found.before, context);
  }
}

async function list({ need, status }: IntentContext): Promise<readonly Candidate[]> {
  status.enter('discovery', 'offers of other nodes');
  const forMs = Math.max(need.deadline - Date.now(), 0) + marginMs;
  const { discover } = proxyActivities<SearchActivities>({ ...looking, scheduleToCloseTimeout: forMs });
  const { candidates } = await discover.executeWithOptions({ summary: 'LIST to all known endpoints [7]' }, [
    { intent: need.intent.name, request: need.request, revision: Date.now(), until: need.deadline },
  ]);
  return candidates;
}

/** Milliseconds before the next round: a tenth of the search so far, so that a long one is no burden to sellers. */
function pauseMs({ intent, deadline }: Need): number {
  const left = deadline - Date.now();
  const searched = durationMs(intent.deadline) - left;
  return Math.max(Math.min(Math.max(searched / 10, shortestPauseMs), longestPauseMs, left), 1);
}

function noProvider({ state }: Status, reason: string): ApplicationFailure {
  const advice = state.decision?.relax?.advice;
  const message = `NoProvider: ${reason}${advice === undefined ? '' : `. ${advice}`}`;
  return ApplicationFailure.nonRetryable(message, 'NoProvider');
}
