import {
  allHandlersFinished,
  condition,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Sale, Origin } from '../market/ledger/state.ts';
import type { ContractLifeActivities } from '../activities/contract-life.ts';
import type { ProviderActivities } from '../activities/provider.ts';
import type { EntityActivities } from '../activities/entities.ts';
import type { PeeringActivities } from '../activities/peering.ts';
import { insisting, writing } from './activity-options.ts';
import {
  contractStatusQuery,
  endSignal,
  sliceAdmittedSignal,
  type ContractPhase,
  type EndOrder,
} from './contract/messages.ts';
import { Telling } from './contract/telling.ts';
import { Term } from './contract/term.ts';
import {
  pairFailedSignal,
  pairLeftSignal,
  pairReadySignal,
  type Membership,
  type PairLeft,
  type PairReady,
} from './pair/messages.ts';
import type { Price } from '../schemas/wire.ts';
import type { ReadBack } from '../schemas/receipt.ts';
import { listenForTouchedRows } from './put-back.ts';
import { together } from './together.ts';
import { contractKey, expiresAtKey } from './search-attributes.ts';

export interface ContractInput {
  readonly contractID: string;
  readonly sale: Sale;
  readonly origin: Omit<Origin, 'worth'>;
  readonly price: Price;
  /** True when the buyer is this node itself: no peering, the workload runs on the origin's Node. */
  readonly local: boolean;
  readonly drainGraceMs: number;
  /** End of the term (milliseconds since the epoch) of a contract that was opened by a run which is lost. */
  readonly resumedUntil?: number;
  /** Longest time from now on that a renewed contract may last, milliseconds. */
  readonly longestTermMs: number;
}

const { openContract, activateAllocation, closeContract, returnParcel } =
  proxyActivities<ProviderActivities>(insisting);
const { announceEnd } = proxyActivities<ContractLifeActivities>(writing);
const { clearSlice, enforcePlacement, endService } = proxyActivities<PeeringActivities>({
  ...insisting,
  startToCloseTimeout: '2h',
});
const { joinPair, leavePair } = proxyActivities<EntityActivities>(writing);

/** A pair that is there has answered by then. */
const answerWithin = '5m';
/** Longer than a pair tries to end, with the default settings. */
const leftWithin = '35m';
const betweenTries = '30s';

/**
 * The life of a sale: opened and signed, used by the buyer's ResourceSlice, ended by term, buyer or seller, closed with
 * a signed receipt, and its parcel given back.
 *
 * @see DESIGN 4.4; seeds steps 15, 18, 22-25
 */
export async function contract(input: ContractInput): Promise<void> {
  const { contractID, sale } = input;
  let phase: ContractPhase = 'Opening';
  let ending: EndOrder | undefined;
  let buyerLeft = false;
  let admitted: { slice: string; namespace: string } | undefined;
  let ready: PairReady | undefined;
  let left: PairLeft | undefined;
  let pairFailure: string | undefined;
  let over = false;
  const telling = new Telling();
  const revision = nextRevision();
  const show = (): void => setCurrentDetails(`Contract with **${sale.buyer.ID}**: ${phase}, ends ${term.expiresAt}`);
  const term = new Term({
    contractID,
    end: input.resumedUntil ?? workflowInfo().startTime.getTime() + sale.termMs,
    longestMs: input.longestTermMs,
    price: input.price,
    revision,
    refusal: () => (ending || over ? 'the contract is ending' : undefined),
    moved: show,
  });
  term.listen();
  listenForTouchedRows(() => phase === 'Ended');
  setHandler(contractStatusQuery, () => ({ phase, expiresAt: term.expiresAt, buyer: sale.buyer.ID }), {
    description: 'Phase, end of term and buyer',
  });
  setHandler(endSignal, (order) => {
    ending ??= order;
    buyerLeft ||= order.by === 'buyer';
  });
  setHandler(sliceAdmittedSignal, (slice) => {
    admitted = slice;
  });
  setHandler(pairReadySignal, (answer) => {
    ready = answer;
  });
  setHandler(pairFailedSignal, ({ reason }) => {
    pairFailure = reason;
  });
  setHandler(pairLeftSignal, (answer) => {
    left = answer;
  });
  upsertSearchAttributes([
    { key: contractKey, value: contractID },
    { key: expiresAtKey, value: new Date(term.expiresAt) },
  ]);
  show();

  const membership: Membership = {
    direction: 'sold',
    member: contractID,
    workflowId: workflowInfo().workflowId,
  };
  const cluster = sale.clusterID;
  if (!input.local) {
    // Asked again when there is no answer: somebody may have ended the pair by force.
    do await joinPair.executeWithOptions({ summary: `join the pair with ${cluster}` }, [{ cluster, membership }]);
    while (!(await condition(() => ready !== undefined || pairFailure !== undefined, answerWithin)));
    if (ready === undefined) ending = { by: 'seller', reason: `peering cannot be offered: ${pairFailure ?? ''}` };
  }
  if (input.resumedUntil === undefined)
    await openContract.executeWithOptions({ summary: 'sign the contract and write its rows' }, [
      {
        ...input,
        expiresAt: term.expiresAt,
        revision: revision(),
        ...(ready?.credentialsSecret === undefined ? {} : { credentialsSecret: ready.credentialsSecret }),
      },
    ]);
  phase = 'Active';
  show();
  const { transactionID } = sale;
  if (!input.local) telling.confirm({ contractID, transactionID, address: sale.buyer.IP });
  // Started with the sale, so that it is in force when the buyer's slice arrives.
  if (!input.local) {
    await enforcePlacement.executeWithOptions({ summary: `pods of the contract only on ${input.origin.name}` }, [
      { contractID, cluster, node: input.origin.name },
    ]);
  }

  await term.passed(() => ending !== undefined || admitted !== undefined);
  if (admitted !== undefined) {
    await activateAllocation.executeWithOptions({ summary: 'allocation active' }, [
      { transactionID, revision: revision() },
    ]);
    await term.passed(() => ending !== undefined);
  }

  over = true;
  phase = 'Ending';
  show();
  const end = ending ?? { by: 'term' as const, reason: 'the term is over' };
  const readBacks: ReadBack[] = [];
  if (!input.local) {
    const graceMs = end.by === 'buyer' ? 0 : ((end as EndOrder).noticeMs ?? input.drainGraceMs);
    const graceEnds = Date.now() + graceMs;
    if (end.by !== 'buyer') {
      const { by, reason } = end;
      const endsAt = new Date(graceEnds).toISOString();
      await announceEnd.executeWithOptions({ summary: `ends at ${endsAt}` }, [
        { contractID, by, reason, endsAt, revision: revision() },
      ]);
      if (by !== 'term') telling.end({ contractID, endsAt, reason, address: sale.buyer.IP });
    }
    const gone = async (what: Promise<readonly ReadBack[]>): Promise<void> => void readBacks.push(...(await what));
    const stopService = () =>
      gone(endService.executeWithOptions({ summary: 'end of service' }, [{ contractID, cluster, until: graceEnds }]));
    const clear = () => gone(clearSlice.executeWithOptions({ summary: 'clear the slice' }, [{ contractID, cluster }]));
    const leave = async (): Promise<void> => {
      for (;;) {
        await leavePair.executeWithOptions({ summary: `leave the pair with ${cluster}` }, [{ cluster, membership }]);
        await condition(() => left !== undefined, leftWithin, { summary: 'the pair lets go' });
        if (left !== undefined && left.failed === undefined) return;
        // The buyer's rights are taken back, however long it takes.
        await sleep(betweenTries, { summary: `before the next try: ${left?.failed ?? 'no answer'}`.slice(0, 190) });
        left = undefined;
      }
    };
    if (buyerLeft) {
      await together(() => stopService().then(clear), leave);
    } else {
      await stopService();
      // A buyer who is leaving says so when he needs his rights no more; taking them earlier would leave his Liqo stuck.
      const graceLeft = Math.max(graceEnds - Date.now(), 1);
      await condition(() => buyerLeft, graceLeft, { summary: 'grace for the buyer to leave' });
      await together(clear, leave);
    }
  }
  await telling.stop();
  await condition(allHandlersFinished);
  await closeContract.executeWithOptions({ summary: 'sign the receipt and close the rows' }, [
    { contractID, transactionID, end, readBacks: [...readBacks, ...(left?.readBacks ?? [])], revision: revision() },
  ]);
  await returnParcel.executeWithOptions({ summary: 'give the parcel back' }, [
    { origin: input.origin.hash, contractID },
  ]);
  phase = 'Ended';
  show();
}

/** Row revisions grow even when another workflow wrote the row before: they start at the present time. */
function nextRevision(): () => number {
  let last = 0;
  return () => (last = Math.max(last + 1, Date.now()));
}
