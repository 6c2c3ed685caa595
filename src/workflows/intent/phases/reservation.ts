import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { TradeActivities } from '../../../activities/intent/trade.ts';
import { formatConfiguration } from '../../../market/format-configuration.ts';
import { isMarked } from '../../../market/ledger/marks.ts';
import type { Hold, Purchase, Refusal } from '../../../messages/intent/purchase.ts';
import { asking } from '../../activity-options.ts';
import { inBackground } from '../../background.ts';
import { compensatorsOf } from '../compensations.ts';
import type { IntentContext } from '../context.ts';
import { giveBack, hold, orReason, type Attempt, type Release, type Unknown } from '../hold.ts';
import { note } from '../refusals.ts';
import type { Choice } from './selection.ts';

const { releaseReservation } = proxyActivities<TradeActivities>(asking);
const { endContract } = proxyActivities<TradeActivities>({
  ...asking,
  heartbeatTimeout: '8s',
  startToCloseTimeout: '20s',
});
/** A lost answer to PURCHASE is asked for again this long: the seller gives the same contract. */
const purchaseGraceMs = 40_000;

/**
 * Reserves the offers, all at once, and purchases the first that is held; the others are given back.
 *
 * @param choices one, or as many as the intent's `hedge` allows
 * @returns undefined when every seller refused, was too late, or sent something else; that is noted for `explain`
 * @throws ApplicationFailure `Rejected` when a person said no
 * @see docs/steps.md 13-20
 */
export async function reservation(choices: readonly Choice[], context: IntentContext): Promise<Purchase | undefined> {
  const { need, status, approval } = context;
  status.enter(
    'reservation',
    `a reservation at ${choices.map(({ candidate }) => candidate.flavor.owner.ID).join(', ')}`,
  );
  let open: readonly Attempt[] = choices.map((choice) => hold(choice, context));
  while (open.length > 0) {
    const attempt = await firstAnswered(open);
    open = open.filter((each) => each !== attempt);
    const held = await attempt.answer;
    let why = { reason: '', passing: false };
    if (held.ok && need.intent.approval && held.heldUntil <= Date.now()) {
      why = { reason: 'its time to purchase was over before anybody could be asked', passing: true };
    } else if (held.ok) {
      const rejected =
        need.intent.approval && !(await approval.ask(need.intent.approval.within, held.heldUntil, status));
      if (rejected) throw ApplicationFailure.nonRetryable(`Rejected: ${approval.reason}`, 'Rejected');
      const answer = await purchaseHeld(attempt, held, context);
      if (answer.ok) {
        context.saga.drop(attempt.release.id);
        const released = { reason: 'released: another offer was bought first', passing: true };
        for (const other of open) inBackground('giving a hold back', () => giveBack(other, released, context));
        return answer.purchase;
      }
      if (breachOf(answer)) {
        leaveOut(attempt, answer.reason, context);
        continue;
      }
      // Unlike a refusal, silence may be a sale.
      why = { reason: answer.reason, passing: !('certain' in answer) && answer.passing === true };
    }
    await giveBack(attempt, why, context);
  }
  return undefined;
}

async function firstAnswered(open: readonly Attempt[]): Promise<Attempt> {
  return Promise.race(open.map((attempt) => attempt.answer.then(() => attempt)));
}

type Answer = { readonly ok: true; readonly purchase: Purchase } | Refusal | Unknown;

async function purchaseHeld(
  { choice, release }: Attempt,
  held: Hold & { readonly heldUntil: number },
  context: IntentContext,
): Promise<Answer> {
  const { need, status, saga, limits, replies } = context;
  const { configuration, candidate } = choice;
  const { flavor } = candidate;
  const { endpoint, key } = release.args;
  const { transactionID: group, credentialsSecret, heldUntil } = held;
  const { purchase } = proxyActivities<TradeActivities>({
    ...asking,
    startToCloseTimeout: '40s',
    scheduleToCloseTimeout: Math.max(Math.min(heldUntil, need.deadline) - Date.now(), 0) + purchaseGraceMs,
    heartbeatTimeout: '8s',
  });
  const who = isMarked(flavor) ? { seller: flavor.owner.ID } : {};
  const order = {
    endpoint,
    transactionID: group,
    key,
    reason: `intent ${need.intent.name} no longer needs it`,
    ...who,
  };
  // Released first, a purchase that is still under way cannot become a sale behind our back.
  const after = [`pair ${group}`, release.id];
  const atLatestMs = limits.contractEndMs;
  const end = { id: `contract ${group}`, kind: 'endContract', args: order, after, atLatestMs, group } as const;
  const secret = { secret: credentialsSecret };
  saga.register({ ...release, args: { ...release.args, purchasing: true } });
  saga.register(end);
  saga.register({ id: `credentials ${group}`, kind: 'credentials', args: secret, after: [`pair ${group}`], group });
  status.waitFor(`the contract of ${flavor.owner.ID}`, heldUntil);
  const answer = await orReason(
    purchase.executeWithOptions({ summary: `purchase ${formatConfiguration(configuration)} at ${flavor.owner.ID}` }, [
      { ...order, configuration, flavor, credentialsSecret, termMs: need.request.termMs },
    ]),
  );
  if (!answer.ok) {
    const breach = breachOf(answer);
    if (breach) saga.register({ ...end, args: { ...order, ...breach } });
    if (!breach && (await gaveBack(release, order))) saga.drop(end.id);
    // It may have sold all the same, or sold something else: it is asked until it answers, while the search goes on.
    else
      inBackground('asking whether it was sold', async () => {
        const chosen = (each: { readonly id: string; readonly group?: string }): boolean =>
          each.group === group || each.id === release.id;
        context.retried.keep(await saga.run(compensatorsOf(replies, limits), chosen));
      });
    return answer;
  }
  const { contractID } = answer.purchase;
  saga.register({ ...end, args: { ...order, contractID } });
  status.bought(flavor.owner.ID, contractID, answer.purchase.expiresAt);
  return answer;
}

/** @returns whether the seller said that there is neither a reservation nor a contract any more */
async function gaveBack(release: Release, order: Parameters<typeof endContract>[0]): Promise<boolean> {
  const back = releaseReservation(release.args).then(() => endContract(order));
  return (await orReason(back.then(() => ({ ok: true as const })))).ok;
}

const breachOf = (answer: Refusal | Unknown): Refusal['breach'] => ('breach' in answer ? answer.breach : undefined);

/** What the seller sold besides is ended in the background. */
function leaveOut({ choice }: Attempt, reason: string, { status, history }: IntentContext): void {
  const { endpoint, flavor } = choice.candidate;
  note(status, flavor.flavorID, reason);
  history.letDown(endpoint, true);
}
