import { allHandlersFinished, condition, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { PeeringActivities } from '../activities/peering.ts';
import { making, undoing } from './activity-options.ts';
import { joinSignal, leaveSignal, pairQuery } from './pair/messages.ts';
import { Side } from './pair/side.ts';

export interface PairInput {
  /** Liqo cluster id of the other node. */
  readonly cluster: string;
  readonly peeringDeadlineMs: number;
}

/**
 * Owns, on this node's cluster, everything that exists once per pair of nodes: the tenant namespace, nonces, Tenant or
 * Identity, the ForeignCluster and the other side's rights. Intents and contracts only join and leave; the last one out
 * takes it all down.
 *
 * @see DESIGN 4.3; seeds steps 18, 19, 21, 22
 */
export async function pair(input: PairInput): Promise<void> {
  const { cluster, peeringDeadlineMs } = input;
  const building = proxyActivities<PeeringActivities>({
    ...making,
    scheduleToCloseTimeout: peeringDeadlineMs,
  });
  const tearing = proxyActivities<PeeringActivities>(undoing);

  const bought: Side = new Side({
    build: ({ credentialsSecret = '' }) =>
      building.peerAsBuyer.executeWithOptions({ summary: `peer with ${cluster}` }, [{ cluster, credentialsSecret }]),
    part: ({ credentialsSecret = '' }) =>
      tearing.partAsBuyer.executeWithOptions({ summary: `part from ${cluster}` }, [{ cluster, credentialsSecret }]),
    // The tenant namespace serves both directions; the last one out removes it.
    clear: async () =>
      sold.empty
        ? tearing.clearAsBuyer.executeWithOptions({ summary: `clear the pair with ${cluster}` }, [{ cluster }])
        : [],
  });
  const sold: Side = new Side({
    build: () => building.admitBuyer.executeWithOptions({ summary: `give ${cluster} his rights` }, [{ cluster }]),
    part: () => Promise.resolve([]),
    clear: () =>
      tearing.dismissBuyer.executeWithOptions({ summary: `take back the rights of ${cluster}` }, [
        { cluster, keepNamespace: !bought.empty },
      ]),
  });
  let doing = 'waiting';
  const sides = { bought, sold };
  setHandler(joinSignal, (membership) => sides[membership.direction].join(membership));
  setHandler(leaveSignal, (membership) => sides[membership.direction].leave(membership));
  setHandler(pairQuery, () => ({ bought: bought.members, sold: sold.members, doing }), {
    description: 'Members of both directions, and what is being done',
  });

  do {
    await condition(() => bought.busy || sold.busy);
    for (const [name, side] of Object.entries(sides)) {
      doing = name;
      await side.settle();
    }
    doing = 'waiting';
    setCurrentDetails(`Peering with **${cluster}**: bought ${bought.members.length}, sold ${sold.members.length}`);
  } while (!(bought.empty && sold.empty) || !allHandlersFinished());
}
