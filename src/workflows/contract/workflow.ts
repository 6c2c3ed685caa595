import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProviderActivities } from '../../activities/inventory/provider.ts';
import type { Sale } from '../../market/ledger/state.ts';
import { contractStatusQuery, type ContractPhase } from '../../messages/contract/messages.ts';
import type { CarriedEnding, ContractInput, End } from '../../messages/contract/state.ts';
import type { Membership } from '../../messages/pair/messages.ts';
import { contractKey, expiresAtKey } from '../../messages/search-attributes.ts';
import { insisting } from '../activity-options.ts';
import { listenForContinueAsNew } from '../continue-as-new.ts';
import { listenForDrift } from '../drift.ts';
import { Telling } from './buyer-notices.ts';
import { endContract } from './ending.ts';
import { openUp } from './opening.ts';
import { Operator } from './operator.ts';
import { Replies } from './replies.ts';
import { Term } from './term.ts';
import { unlessOver } from './unless-over.ts';

const { activateAllocation } = proxyActivities<ProviderActivities>(insisting);

/**
 * The life of a sale: opened and signed, used by the buyer's ResourceSlice, ended by term, buyer, seller or operator,
 * closed with a signed receipt, and its parcel given back. Goes on in a fresh run when its history has become long.
 *
 * @see docs/architecture.md 4.4; docs/steps.md 15, 18, 22-25
 */
export async function contract(input: ContractInput): Promise<void> {
  const { contractID, sale, carried } = input;
  const { transactionID } = sale;
  let phase: ContractPhase = 'Opening';
  const replies = new Replies();
  const telling = new Telling();
  const revision = nextRevision();
  const operator = new Operator({ contractID, transactionID }, revision, carried?.left);
  const ended = (): boolean => replies.ending !== undefined;
  const show = (next: ContractPhase): void => {
    phase = next;
    setCurrentDetails(`Contract with **${sale.buyer.ID}**: ${phase}, ends ${term.expiresAt}`);
  };
  const term: Term = new Term({
    contractID,
    end: carried?.end ?? workflowInfo().startTime.getTime() + sale.termMs,
    longestMs: input.longestTermMs,
    price: input.price,
    revision,
    refusal: () => (ended() || phase === 'Ending' || phase === 'Ended' ? 'the contract is ending' : undefined),
    moved: () => show(phase),
    ...(carried?.renewals === undefined ? {} : { renewals: carried.renewals }),
  });
  const due = listenForContinueAsNew();
  replies.admitted = carried?.active?.admitted ?? false;
  replies.buyerLeft = carried?.ending?.buyerLeft ?? false;
  term.listen();
  replies.listen();
  listenForDrift(() => phase === 'Ended');
  setHandler(contractStatusQuery, () => ({ phase, expiresAt: term.expiresAt, buyer: sale.buyer.ID }), {
    description: 'Phase, end of term and buyer',
  });
  upsertSearchAttributes([
    { key: contractKey, value: contractID },
    { key: expiresAtKey, value: new Date(term.expiresAt) },
  ]);
  show('Opening');

  const { workflowId } = workflowInfo();
  const membership: Membership = { direction: 'sold', member: contractID, workflowId, ...keyOf(sale) };
  if (!carried?.active && !carried?.ending) {
    await openUp({ input, membership, replies, term, operator, revision });
    if (!input.local && !ended()) telling.confirm({ contractID, transactionID, address: sale.buyer.IP });
  }
  if (!carried?.ending) show('Active');

  let activated = carried?.active?.activated ?? false;
  const toActivate = (): boolean => replies.admitted && !activated;
  while (!carried?.ending && !ended() && !term.over) {
    await term.passed(() => ended() || toActivate() || due());
    if (toActivate() && !ended()) {
      activated = true;
      const failure = await unlessOver(term, ended, () =>
        activateAllocation.executeWithOptions({ summary: 'allocation active' }, [
          { transactionID, revision: revision() },
        ]),
      );
      if (failure) await operator.needed(`allocation not active: ${failure.reason}`, failure);
    } else if (due() && !ended() && !term.over) await carryOn();
  }

  show('Ending');
  const end: End = replies.ending ?? { by: 'term', reason: 'the term is over' };
  const deps = { input, membership, replies, telling, operator, revision, due, carryOn: anew };
  await endContract(deps, end, carried?.ending);
  show('Ended');

  /** Goes on in a fresh run, unless something has come up meanwhile. */
  async function carryOn(): Promise<void> {
    await telling.told();
    await condition(allHandlersFinished);
    if (ended() || toActivate()) return;
    await anew();
  }

  async function anew(ending?: CarriedEnding): Promise<void> {
    const active = { admitted: replies.admitted, activated };
    const left = operator.left.length === 0 ? {} : { left: operator.left };
    const now = { ...term.carried, active, ...left, ...(ending === undefined ? {} : { ending }) };
    await continueAsNew<typeof contract>({ ...input, carried: now });
  }
}

const keyOf = ({ buyerKey }: Sale): Pick<Membership, 'buyerKey'> => (buyerKey === undefined ? {} : { buyerKey });

/** Row revisions grow even when another workflow wrote the row before: they start at the present time. */
function nextRevision(): () => number {
  let last = 0;
  return () => (last = Math.max(last + 1, Date.now()));
}
