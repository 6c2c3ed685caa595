import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { BuyerActivities, Hold, Purchase, Refusal } from '../../../activities/intent/trade.ts';
import { isMarked } from '../../../market/ledger/marks.ts';
import { spokenConfiguration } from '../../../market/format-configuration.ts';
import type { Market } from './discovery.ts';
import { beside } from '../../background.ts';
import { asking } from '../../activity-options.ts';
import type { Choice } from './selection.ts';
import { giveBack, hold, orReason, type Attempt, type Release, type Unknown } from '../hold.ts';
import { note } from '../refusals.ts';
import { undoersOf } from '../compensations.ts';

const { releaseReservation } = proxyActivities<BuyerActivities>(asking);
const { endContract } = proxyActivities<BuyerActivities>({
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
 * @see seeds steps 13-20
 */
export async function buy(choices: readonly Choice[], market: Market): Promise<Purchase | undefined> {
  const { need, story, approval } = market;
  story.enter(
    'reservation',
    `a reservation at ${choices.map(({ candidate }) => candidate.flavor.owner.ID).join(', ')}`,
  );
  let open: readonly Attempt[] = choices.map((choice) => hold(choice, market));
  while (open.length > 0) {
    const attempt = await firstAnswered(open);
    open = open.filter((each) => each !== attempt);
    const held = await attempt.answer;
    let why = { reason: '', passing: false };
    if (held.ok && need.intent.approval && held.heldUntil <= Date.now()) {
      why = { reason: 'its time to purchase was over before anybody could be asked', passing: true };
    } else if (held.ok) {
      const rejected =
        need.intent.approval && !(await approval.ask(need.intent.approval.within, held.heldUntil, story));
      if (rejected) throw ApplicationFailure.nonRetryable(`Rejected: ${approval.reason}`, 'Rejected');
      const answer = await purchaseHeld(attempt, held, market);
      if (answer.ok) {
        market.undo.drop(attempt.release.id);
        const released = { reason: 'released: another offer was bought first', passing: true };
        for (const other of open) beside('giving a hold back', () => giveBack(other, released, market));
        return answer.purchase;
      }
      if (breachOf(answer)) {
        leaveOut(attempt, answer.reason, market);
        continue;
      }
      // Unlike a refusal, silence may be a sale.
      why = { reason: answer.reason, passing: !('certain' in answer) && answer.passing === true };
    }
    await giveBack(attempt, why, market);
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
  market: Market,
): Promise<Answer> {
  const { need, story, undo, limits, mail } = market;
  const { configuration, candidate } = choice;
  const { flavor } = candidate;
  const { endpoint, key } = release.args;
  const { transactionID: group, credentialsSecret, heldUntil } = held;
  const { purchase } = proxyActivities<BuyerActivities>({
    ...asking,
    startToCloseTimeout: '40s',
    scheduleToCloseTimeout: Math.max(Math.min(heldUntil, need.deadline) - Date.now(), 0) + purchaseGraceMs,
    heartbeatTimeout: '8s',
  });
  const who = isMarked(flavor) ? { seller: flavor.owner.ID } : {};
  const order = { endpoint, transactionID: group, key, reason: `intent ${need.intent.name} needs it no more`, ...who };
  // Released first, a purchase that is still under way cannot become a sale behind our back.
  const after = [`pair ${group}`, release.id];
  const atLatestMs = limits.contractEndMs;
  const end = { id: `contract ${group}`, kind: 'endContract', args: order, after, atLatestMs, group } as const;
  const secret = { secret: credentialsSecret };
  undo.register({ ...release, args: { ...release.args, purchasing: true } });
  undo.register(end);
  undo.register({ id: `credentials ${group}`, kind: 'credentials', args: secret, after: [`pair ${group}`], group });
  story.waitFor(`the contract of ${flavor.owner.ID}`, heldUntil);
  const answer = await orReason(
    purchase.executeWithOptions({ summary: `purchase ${spokenConfiguration(configuration)} at ${flavor.owner.ID}` }, [
      { ...order, configuration, flavor, credentialsSecret, termMs: need.request.termMs },
    ]),
  );
  if (!answer.ok) {
    const breach = breachOf(answer);
    if (breach) undo.register({ ...end, args: { ...order, ...breach } });
    if (!breach && (await gaveBack(release, order))) undo.drop(end.id);
    // It may have sold all the same, or sold something else: it is asked until it answers, while the search goes on.
    else
      beside('asking whether it was sold', async () => {
        const chosen = (each: { readonly id: string; readonly group?: string }): boolean =>
          each.group === group || each.id === release.id;
        market.leftOver.keep(await undo.run(undoersOf(mail, limits), chosen));
      });
    return answer;
  }
  const { contractID } = answer.purchase;
  undo.register({ ...end, args: { ...order, contractID } });
  story.bought(flavor.owner.ID, contractID, answer.purchase.expiresAt);
  return answer;
}

/** @returns whether the seller said that there is neither a reservation nor a contract any more */
async function gaveBack(release: Release, order: Parameters<typeof endContract>[0]): Promise<boolean> {
  const back = releaseReservation(release.args).then(() => endContract(order));
  return (await orReason(back.then(() => ({ ok: true as const })))).ok;
}

const breachOf = (answer: Refusal | Unknown): Refusal['breach'] => ('breach' in answer ? answer.breach : undefined);

/** What the seller sold besides is ended in the background. */
function leaveOut({ choice }: Attempt, reason: string, { story, experience }: Market): void {
  const { endpoint, flavor } = choice.candidate;
  note(story, flavor.flavorID, reason);
  experience.letDown(endpoint, true);
}
