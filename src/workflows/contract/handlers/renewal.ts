import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { ContractLifeActivities } from '../../../activities/contract/life.ts';
import { inForce, renewUpdate, type RenewalAnswer, type RenewalOrder } from '../../../messages/contract/messages.ts';
import { writing } from '../../activity-options.ts';
import type { ContractContext } from '../context.ts';

const { signRenewal } = proxyActivities<ContractLifeActivities>(writing);

/** Registers the update `renew`: the same key twice is one renewal. */
export function listenForRenewal(context: ContractContext): void {
  setHandler(renewUpdate, (order) => renew(order, context), { description: 'Adds time to the contract' });
}

async function renew({ key, forMs }: RenewalOrder, context: ContractContext): Promise<RenewalAnswer> {
  const { term } = context;
  if (term.indexOf(key) < 0) {
    const reason = refusal(context) ?? term.add(key, forMs);
    if (reason !== undefined) return { ok: false, reason };
    context.termMoved();
    const refused = await sign(key, context);
    if (refused !== undefined) return { ok: false, reason: refused };
  }
  const index = term.indexOf(key);
  await condition(() => term.signed.terms > index || term.added[index]?.key !== key);
  const added = term.added[index];
  if (added?.key !== key) return { ok: false, reason: 'it could not be signed' };
  const { until, cost } = added;
  return { ok: true, expirationTime: until, addendum: term.signed.addendum, cost };
}

/** Why nothing can be added now, or undefined. */
const refusal = ({ endOrdered, phase }: ContractContext): string | undefined =>
  endOrdered || !inForce(phase) ? 'the contract is ending' : undefined;

/** The seller signs all terms that were added so far. @returns why not, or undefined when it did */
async function sign(key: string, context: ContractContext): Promise<string | undefined> {
  const { input, term } = context;
  const takeOff = (): void => {
    if (term.takeOff(key)) context.termMoved();
  };
  const terms = [...term.added];
  const signing = { contractID: input.contractID, terms, revision: context.nextRevision() };
  const answer = await signRenewal
    .executeWithOptions({ summary: `renewed until ${term.expiresAt}` }, [signing])
    .catch((error: unknown) => {
      takeOff();
      throw error;
    });
  if ('refused' in answer) {
    takeOff();
    return answer.refused;
  }
  term.sign(answer.addendum, terms.length);
  return undefined;
}
