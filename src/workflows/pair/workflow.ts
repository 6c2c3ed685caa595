import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  rootCause,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { RehydrateActivities } from '../../activities/inventory/rehydrate.ts';
import type { PeeringActivities } from '../../activities/pair/peering.ts';
import { abandonSignal, joinSignal, leaveSignal, pairQuery } from '../../messages/pair/messages.ts';
import type { PairInput } from '../../messages/pair/state.ts';
import { insisting, lasting, undoing } from '../activity-options.ts';
import { listenForContinueAsNew } from '../continue-as-new.ts';
import { retryUntilKnown } from '../retry-until-known.ts';
import { Side } from './side.ts';

const { recallMembers } = proxyActivities<RehydrateActivities>(insisting);

/** When a renewal that failed is tried again, milliseconds. */
const againMs = 60_000;

/**
 * Owns, on this node's cluster, everything that exists once per pair of nodes: the tenant namespace, nonces, Tenant or
 * Identity, the ForeignCluster and the other side's rights. Intents and contracts only join and leave; the last one out
 * takes it all down.
 *
 * @see docs/architecture.md 4.3; docs/steps.md 18, 19, 21, 22
 */
export async function pair(input: PairInput): Promise<void> {
  const { cluster, peeringDeadlineMs, undoMs } = input;
  const building = proxyActivities<PeeringActivities>(lasting(peeringDeadlineMs));
  const tearing = proxyActivities<PeeringActivities>(undoing(undoMs));

  let complete = input.carried !== undefined;
  // Beside the first join, which need not wait for it.
  const recalled = CancellationScope.nonCancellable(async () => {
    if (input.carried) return;
    const known = await retryUntilKnown('who is there', () =>
      recallMembers.executeWithOptions({ summary: `contracts with ${cluster}` }, [{ cluster }]),
    );
    for (const each of known) sides[each.direction].adopt(each);
    renewUnknown();
    complete = true;
  });
  const bought: Side = new Side({
    recalled,
    build: ({ credentialsSecret = '' }) =>
      building.peerAsBuyer.executeWithOptions({ summary: `peer with ${cluster}` }, [
        { cluster, credentialsSecret, until: Date.now() + peeringDeadlineMs },
      ]),
    part: ({ credentialsSecret = '' }) =>
      tearing.partAsBuyer.executeWithOptions({ summary: `part from ${cluster}` }, [{ cluster, credentialsSecret }]),
    // The tenant namespace serves both directions; the last one out removes it.
    clear: async () =>
      sold.empty
        ? tearing.clearAsBuyer.executeWithOptions({ summary: `clear the pair with ${cluster}` }, [{ cluster }])
        : [],
  });
  const sold: Side = new Side({
    recalled,
    build: () => {
      renewAt = Date.now() + input.accessRenewalMs;
      return building.admitBuyer.executeWithOptions({ summary: `give ${cluster} its rights` }, [{ cluster }]);
    },
    part: () => Promise.resolve([]),
    clear: () =>
      tearing.dismissBuyer.executeWithOptions({ summary: `take back the rights of ${cluster}` }, [
        { cluster, keepNamespace: !bought.empty },
      ]),
  });
  let doing = 'waiting';
  let renewAt = input.carried?.renewAt ?? Infinity;
  const due = listenForContinueAsNew();
  const sides = { bought, sold };
  if (input.carried) {
    bought.resume(input.carried.bought);
    sold.resume(input.carried.sold);
    renewUnknown();
  }
  setHandler(joinSignal, (membership) => sides[membership.direction].join(membership));
  setHandler(leaveSignal, (membership) => sides[membership.direction].leave(membership));
  setHandler(abandonSignal, async (seller) => {
    // Somebody else under the same cluster id is gone.
    if (!bought.isWith(seller)) return;
    await tearing.abandonSeller
      .executeWithOptions({ summary: `${cluster} is gone for good` }, [{ cluster }])
      .catch((error: unknown) => log.warn('not given up', { reason: rootCause(error) ?? String(error) }));
  });
  setHandler(pairQuery, () => ({ bought: bought.members, sold: sold.members, doing }), {
    description: 'Members of both directions, and what is being done',
  });

  const asked = (): boolean => bought.busy || sold.busy;
  const moved = (): boolean => asked() || due();
  const over = (): boolean => bought.empty && sold.empty && allHandlersFinished();
  /** Nobody knows how old a token is that was given by a run which is lost. */
  function renewUnknown(): void {
    if (sold.stands && renewAt === Infinity) renewAt = Date.now();
  }

  /** Tokens end within a day, contracts may not. */
  async function renewAccess(): Promise<void> {
    try {
      await tearing.renewAccess.executeWithOptions({ summary: `a fresh token for ${cluster}` }, [{ cluster }]);
      renewAt = Date.now() + input.accessRenewalMs;
    } catch (error) {
      log.warn("the buyer's access could not be renewed", { reason: rootCause(error) ?? String(error) });
      renewAt = Date.now() + againMs;
    }
  }

  /** Goes on in a fresh run, unless somebody joins or leaves at this very moment. */
  async function carryOn(): Promise<void> {
    await condition(allHandlersFinished);
    if (asked() || (bought.empty && sold.empty)) return;
    const carried = { bought: bought.state, sold: sold.state, ...(renewAt === Infinity ? {} : { renewAt }) };
    await continueAsNew<typeof pair>({ ...input, carried });
  }

  do {
    if (sold.stands) {
      const left = Math.max(renewAt - Date.now(), 1);
      if (!(await condition(moved, left, { summary: "end of the buyer's token" }))) await renewAccess();
    } else await condition(() => moved() || sold.stands || (complete && over()));
    for (const [name, side] of Object.entries(sides)) {
      doing = name;
      await side.settle();
    }
    doing = 'waiting';
    setCurrentDetails(`Peering with **${cluster}**: bought ${bought.members.length}, sold ${sold.members.length}`);
    if (due()) await carryOn();
  } while (!over());
}
