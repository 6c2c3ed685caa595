import { ApplicationFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { Purchase } from '../../../activities/intent/trade.ts';
import type { Candidate } from '../../../activities/intent/candidates.ts';
import type { RecordActivities } from '../../../activities/intent/records.ts';
import { durationMs } from '../../../schemas/duration.ts';
import type { CarriedIntent } from '../workflow.ts';
import type { Approval } from '../handlers/approval.ts';
import { undoBefore } from '../previous-run.ts';
import { buy } from './reservation.ts';
import { finishing } from '../../activity-options.ts';
import { decide } from './selection.ts';
import type { Experience } from '../candidate-history.ts';
import type { Need } from '../../../validation/intent.ts';
import type { LeftOver } from '../retried-compensations.ts';
import type { Limits } from '../../../messages/intent/limits.ts';
import type { Mail } from '../handlers/replies.ts';
import type { Story } from '../status.ts';
import type { IntentUndoGraph } from '../compensations.ts';

/** What the search for resources works with. */
export interface Market {
  readonly need: Need;
  readonly story: Story;
  readonly approval: Approval;
  readonly undo: IntentUndoGraph;
  readonly experience: Experience;
  readonly mail: Mail;
  readonly leftOver: LeftOver;
  limits: Limits;
  /** Nothing was asked or done yet, by this run or one that it continues. */
  first: boolean;
  /** A run before was looking among the offers of others: so does this one, first of all. */
  resumed: boolean;
  /** What a new run needs to go on from here. */
  carry(): CarriedIntent;
  /** Between two rounds: goes on in a fresh run when the history is long, and returns when it is not. */
  rollOver(): Promise<void>;
}

const looking = {
  ...finishing,
  startToCloseTimeout: '1m',
  heartbeatTimeout: '8s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
} as const;
/** A search answers in time by itself; this is for when it cannot. */
const marginMs = 10_000;

/** A search that begins late knows at least what there is. */
const shortestLookMs = 60_000;
const shortestPauseMs = 2_000;
const longestPauseMs = 15_000;

/** Milliseconds before the next round: a tenth of the search so far, so that a long one is no burden to sellers. */
function pauseMs({ intent, deadline }: Need): number {
  const left = deadline - Date.now();
  const searched = durationMs(intent.deadline) - left;
  return Math.max(Math.min(Math.max(searched / 10, shortestPauseMs), longestPauseMs, left), 1);
}

/**
 * Finds, reserves and buys what is needed: own resources first, then known candidates, then a LIST to everybody; the
 * best first, the next when one refuses, a new round until the intent's deadline.
 *
 * @throws ApplicationFailure `NoProvider` with the nearest miss, `Rejected` when a person said no, `LeftBehind`
 * @see seeds steps 3-20
 */
export async function acquire(market: Market): Promise<Purchase> {
  const { need, story } = market;
  if (market.resumed) {
    market.resumed = false;
    return discoverUntilDeadline(market);
  }
  const { placement } = need.intent;
  story.enter('intent', 'own resources and known candidates');
  const { own, known } = await whatIsKnown(market);
  const local = placement === 'remote' ? undefined : await tryAll(own, market);
  if (local) return local;
  if (placement === 'local') throw noProvider(story, 'own resources do not suffice');
  return (await tryAll(known, market)) ?? (await discoverUntilDeadline(market));
}

/** Own flavors and candidates, once nothing is left of a run before of the same name. */
async function whatIsKnown(market: Market): ReturnType<RecordActivities['lookUp']> {
  const { intent, deadline } = market.need;
  for (;;) {
    const { first } = market;
    const scheduleToCloseTimeout = Math.max(deadline - Date.now(), shortestLookMs);
    const { lookUp } = proxyActivities<RecordActivities>({ ...looking, scheduleToCloseTimeout });
    market.first = false;
    const found = await lookUp.executeWithOptions({ summary: 'own flavors [3], known candidates [5]' }, [
      { intent, revision: Date.now(), first },
    ]);
    market.limits = found.limits;
    if (!found.before) return found;
    await undoBefore(found.before, market);
  }
}

async function discoverUntilDeadline(market: Market): Promise<Purchase> {
  const { need, story } = market;
  for (;;) {
    story.enter('discovery', 'offers of other nodes');
    const forMs = Math.max(need.deadline - Date.now(), 0) + marginMs;
    const { discover } = proxyActivities<RecordActivities>({ ...looking, scheduleToCloseTimeout: forMs });
    const { candidates } = await discover.executeWithOptions({ summary: 'LIST to all known endpoints [7]' }, [
      { intent: need.intent.name, request: need.request, revision: Date.now(), until: need.deadline },
    ]);
    const bought = await tryAll(candidates, market);
    if (bought) return bought;
    if (Date.now() >= need.deadline) throw noProvider(story, 'no offer was left before the deadline');
    story.waitFor(`an offer that suffices (${story.state.decision?.relax?.advice ?? 'none seen'})`, need.deadline);
    await sleep(pauseMs(need), { summary: 'before the next discovery' });
    await market.rollOver();
  }
}

async function tryAll(candidates: readonly Candidate[], market: Market): Promise<Purchase | undefined> {
  if (candidates.length === 0) return undefined;
  const { need, story, experience } = market;
  story.enter('selection');
  const { choices, record } = decide(need.request, candidates, experience, story.state.decision);
  story.state.decision = record;
  const { hedge } = need.intent;
  for (let next = 0; next < choices.length && Date.now() < need.deadline; next += hedge) {
    const together = choices.slice(next, next + hedge);
    const bought = await buy(together, market);
    if (bought) return bought;
  }
  return undefined;
}

function noProvider(story: Story, reason: string): ApplicationFailure {
  const advice = story.state.decision?.relax?.advice;
  const message = `NoProvider: ${reason}${advice === undefined ? '' : `. ${advice}`}`;
  return ApplicationFailure.nonRetryable(message, 'NoProvider');
}
