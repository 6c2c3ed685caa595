import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { BackendRefusal } from '../../../src/rear/backend.ts';
import { statusQuery } from '../../../src/messages/intent/messages.ts';
import { continueAsNewSignal } from '../../../src/workflows/continue-as-new.ts';
import type { Call } from '../../harness/simulator/provider/provider.ts';
import { expectFreshRun } from '../../harness/support/fresh-run.ts';
import { askUntilOver } from '../../harness/support/until-over.ts';
import type { Actors, Path } from './path.ts';

/** A seller's answer about an offer that it no longer has. */
export const gone = { ok: false, code: 'FlavorGone', detail: 'there is no such flavor' } as const;

const one = [1, 1] as const;
const perhaps = [0, 1] as const;
const cancel = ({ cancel: now }: Actors): Promise<void> => now();
const outage = ({ outage: now }: Actors): Promise<void> => now();
const whenItRuns = { 'after awaitRunning': cancel } as const;

const firstKeys = new Map<string, string>();
/** Of a flavor that its key ends with, the first reservation is refused, however often it is repeated. */
const heldAtFirst = ({ method, about }: Call): BackendRefusal | undefined => {
  if (method !== 'reserve') return undefined;
  const flavorID = about.slice(about.lastIndexOf(':') + 1);
  const first = firstKeys.get(flavorID) ?? about;
  firstKeys.set(flavorID, first);
  return about === first ? { ok: false, code: 'FlavorHeld', detail: 'held by somebody else' } : undefined;
};

const asked = new Map<string, number>();
/** The first two orders to end a contract are answered too late. */
const endsSlowly = async ({ method, about }: Call): Promise<undefined> => {
  const before = asked.get(about) ?? 0;
  if (method === 'endContract') asked.set(about, before + 1);
  if (method === 'endContract' && before < 2) await delay(7_000);
  return undefined;
};

/** Approves once: as soon as something is asked. */
const approveWhenAsked = async ({ approve }: Actors): Promise<void> => {
  for (;;) {
    try {
      return await approve();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw error;
      await delay(100);
    }
  }
};

/** Approves whatever is asked, until the intent is over; that nothing is asked just now is no failure. */
const approveAlways = ({ approve }: Actors): Promise<void> => {
  const approval = (): Promise<void> =>
    approve().catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) throw error;
    });
  return askUntilOver(approval, 200);
};

const rollOver = ({ intent }: Actors): Promise<void> => intent.signal(continueAsNewSignal);

/** The search went on in another run than it began in, and tells each phase once. */
const goesOnFresh = async ({ intent }: Actors): Promise<void> => {
  await expectFreshRun(intent);
  const { phases } = await intent.query(statusQuery);
  const names = phases.map(({ phase }) => phase).join();
  if (names !== 'intent,discovery,selection,reservation') throw new Error(`phases: ${names}`);
};

/** A path that is cancelled in the middle of an activity. */
const cancelled = (name: string, activity: string): Path => ({
  name: `cancel in ${name}`,
  acts: { ...whenItRuns, [`during ${activity}`]: cancel },
  outcomes: ['Cancelled'],
  purchases: perhaps,
});

/** A path on which the provider is away for some seconds from the middle of an activity on. */
const away = (name: string, activity: string): Path => ({
  name: `provider down in ${name}`,
  acts: { ...whenItRuns, [`during ${activity}`]: outage },
  outcomes: ['Cancelled', 'Failed'],
  purchases: [0, 2],
});

/** What the matrix crashes its way through. */
export const paths: readonly Path[] = [
  // Used until it is cancelled: every effect of buying, peering, deploying and of the teardown.
  { name: 'success', outcomes: ['Cancelled'], purchases: one },
  { name: 'term over', draft: () => ({ term: '10s' }), acts: {}, outcomes: ['Completed', 'Failed'], purchases: one },
  { name: 'local fit', draft: () => ({ placement: 'any' }), selling: true, outcomes: ['Cancelled'], purchases: one },
  // The seller is the product, too; its worker is killed as well as the buyer's.
  { name: 'success of two nodes', sellerIsReal: true, outcomes: ['Cancelled'], purchases: one },
  {
    name: 'refused then next',
    a: {
      before: ({ method }) => (method === 'reserve' ? gone : undefined),
    },
    outcomes: ['Cancelled'],
    purchases: one,
  },
  {
    // Both offers are somebody else's at first; asked for in a later round, they are to be had.
    name: 'asked again',
    a: { before: heldAtFirst },
    b: { before: heldAtFirst },
    outcomes: ['Cancelled'],
    purchases: one,
  },
  {
    name: 'search in a fresh run',
    a: { before: heldAtFirst },
    b: { before: heldAtFirst },
    acts: { ...whenItRuns, 'during reserve': rollOver, 'during purchase': goesOnFresh },
    outcomes: ['Cancelled'],
    purchases: one,
  },
  {
    name: 'time to purchase over',
    a: {
      ttpMs: 2_000,
      before: async ({ method }) => {
        if (method === 'purchase') await delay(2_500);
        return undefined;
      },
    },
    outcomes: ['Cancelled'],
    purchases: one,
  },
  {
    // Nobody else sells: what was too late once is asked for again.
    name: 'too late at first',
    a: { ttpMs: 4_000 },
    b: { before: () => gone },
    faults: [{ message: 'PURCHASE', fault: 'delayed beyond the deadline' }],
    outcomes: ['Cancelled'],
    purchases: one,
  },
  {
    name: 'approval over',
    draft: () => ({ approval: { within: '1s' } }),
    outcomes: ['Failed'],
    purchases: [0, 0],
  },
  {
    // Nothing was bought, and the hold ends by itself: nobody has to do anything.
    name: 'provider down while a person is asked',
    draft: () => ({ approval: { within: '1s' } }),
    settings: { teardown: { retryFor: '1s' } },
    acts: { 'after reserve': outage },
    a: { ttpMs: 5_000 },
    outcomes: ['Failed'],
    purchases: [0, 0],
  },
  {
    name: 'approved',
    draft: () => ({ approval: { within: '50s' } }),
    acts: { ...whenItRuns, 'after reserve': approveWhenAsked },
    outcomes: ['Cancelled'],
    purchases: one,
  },
  {
    // The first offer is refused after its approval; by then the hold of the second is over.
    name: 'hedged and approved again',
    draft: () => ({ hedge: 2, approval: { within: '50s' } }),
    a: {
      before: async ({ method }) => {
        if (method !== 'purchase') return undefined;
        await delay(3_000);
        return gone;
      },
    },
    b: {
      ttpMs: 2_000,
      before: async ({ method }) => {
        if (method === 'reserve') await delay(300);
        return undefined;
      },
    },
    acts: { ...whenItRuns, 'after reserve': approveAlways },
    outcomes: ['Cancelled'],
    purchases: one,
  },
  {
    name: 'slice denied',
    a: { slice: () => ({ deny: 'denied by the matrix' }) },
    // While the other is out of reach, the same seller is asked once more.
    oneCrash: true,
    outcomes: ['Failed', 'Cancelled'],
    purchases: [1, 2],
  },
  {
    name: 'node never ready',
    a: { neverReady: true },
    oneCrash: true,
    // Long enough that a crash in the middle of the next peering is no second failure.
    settings: { liqo: { peeringDeadline: '40s' } },
    outcomes: ['Failed', 'Cancelled'],
    purchases: [1, 2],
  },
  {
    name: 'cancel while a seller is given up',
    a: { slice: () => ({ deny: 'denied by the matrix' }), before: endsSlowly },
    oneCrash: true,
    outcomes: ['Cancelled'],
    purchases: [1, 2],
  },
  { name: 'two contracts of one pair', intents: 2, outcomes: ['Cancelled'], purchases: [2, 2] },
  {
    // Both attempts have workload and offloading under the same names.
    name: 'next seller in a shared namespace',
    draft: (namespace) => ({ namespace }),
    a: { slice: () => ({ deny: 'denied by the matrix' }) },
    oneCrash: true,
    outcomes: ['Failed', 'Cancelled'],
    purchases: [1, 2],
  },
  { name: 'shared namespace', draft: (namespace) => ({ namespace }), outcomes: ['Cancelled'], purchases: one },
  cancelled('intent', 'lookUp'),
  cancelled('discovery', 'discover'),
  cancelled('reservation', 'reserve'),
  cancelled('purchase', 'purchase'),
  cancelled('peering', 'peerAsBuyer'),
  cancelled('virtual node', 'bringUpVirtualNode'),
  cancelled('deployment', 'applyWorkload'),
  cancelled('teardown', 'deleteSlice'),
  away('discovery', 'discover'),
  away('reservation', 'reserve'),
  away('purchase', 'purchase'),
  away('peering', 'peerAsBuyer'),
  away('virtual node', 'bringUpVirtualNode'),
  away('usage', 'awaitRunning'),
  away('teardown', 'partAsBuyer'),
];
