import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  proxyActivities,
  rootCause,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { SliceActivities } from '../../activities/intent/slice.ts';
import type { RehydrateActivities } from '../../activities/inventory/rehydrate.ts';
import { defaultLimits } from '../../messages/intent/limits.ts';
import {
  joinOffloadingSignal,
  leaveOffloadingSignal,
  offloadedSignal,
  offloadersQuery,
  offloadingLeftSignal,
  type Offloader,
  type OffloadingLeft,
} from '../../messages/offloading/messages.ts';
import type { OffloadingInput } from '../../messages/offloading/state.ts';
import { insisting, making, soon, undoing } from '../activity-options.ts';
import { listenForContinueAsNew } from '../continue-as-new.ts';
import { retryUntilKnown } from '../retry-until-known.ts';
import { signalIfRunning } from '../signal-if-running.ts';

const { offload } = proxyActivities<SliceActivities>({
  ...making,
  scheduleToCloseTimeout: '3m',
  retry: { ...soon, nonRetryableErrorTypes: ['NamespaceTaken'] },
});
const { recallOffloaders } = proxyActivities<RehydrateActivities>(insisting);
const { unoffload } = proxyActivities<SliceActivities>(undoing(defaultLimits.undoMs));

/**
 * Owns the one NamespaceOffloading of a namespace that existed before and that several intents may share. Its selector
 * names whole providers, those of the members; it goes with the last of them.
 *
 * @see docs/architecture.md 4.6
 */
export async function offloading({ namespace, carried }: OffloadingInput): Promise<void> {
  const members = new Map<string, Offloader>();
  /** Members that have not been answered. */
  let joining: Offloader[] = [];
  const leaving: Offloader[] = [];
  /** What the selector says; undefined when there is none. At first whatever a run that was lost may have written. */
  let selected: string | undefined = carried ? carried.selected : 'unknown';
  let interrupt: () => void = () => undefined;
  const due = listenForContinueAsNew();
  setHandler(joinOffloadingSignal, (who) => {
    joining.push(who);
    interrupt();
  });
  setHandler(leaveOffloadingSignal, (who) => {
    joining = joining.filter((each) => !isSame(each, who));
    leaving.push(who);
    interrupt();
  });
  setHandler(offloadersQuery, () => [...members.values()], { description: 'Intents that run in this namespace' });
  const providers = (): string[] => [...new Set([...members.values()].map(({ provider }) => provider))].sort();
  const select = (): Promise<void> => {
    selected = providers().join();
    return offload.executeWithOptions({ summary: `offload ${namespace} to ${providers().join(', ')}` }, [
      { namespace, providers: providers(), shared: true },
    ]);
  };

  /**
   * All who have asked, at once. It is begun anew when somebody else comes or one of them leaves: a seller whose node
   * never comes must not hold up the others.
   */
  async function join(): Promise<void> {
    const now = [...joining];
    for (const who of now) members.set(who.workflowId, who);
    const scope = new CancellationScope();
    let interrupted = false;
    interrupt = () => {
      interrupted = true;
      scope.cancel();
    };
    let failed: string | undefined;
    try {
      await scope.run(select);
    } catch (error) {
      if (interrupted) return;
      failed = rootCause(error) ?? String(error);
      for (const { workflowId } of now) members.delete(workflowId);
    } finally {
      interrupt = () => undefined;
    }
    joining = joining.filter((each) => !now.includes(each));
    const answer = failed === undefined ? {} : { failed };
    await Promise.all(
      now.map(({ workflowId, provider }) =>
        signalIfRunning(workflowId, (handle) => handle.signal(offloadedSignal, { provider, ...answer })),
      ),
    );
  }

  async function leave(who: Offloader): Promise<void> {
    // An intent that went on to another seller is a member again, with it.
    const there = members.get(who.workflowId);
    const known = there !== undefined && isSame(there, who) && members.delete(who.workflowId);
    const { provider } = who;
    let answer: OffloadingLeft = { provider, readBacks: [] };
    try {
      // Those who join select in any case.
      if (members.size === 0 && selected !== undefined) {
        const summary = `take ${namespace} back`;
        answer = { provider, readBacks: await unoffload.executeWithOptions({ summary }, [{ namespace }]) };
        selected = undefined;
      } else if (members.size > 0 && joining.length === 0 && providers().join() !== selected) await select();
    } catch (error) {
      // It stays as it is; leaving once more tries once more.
      if (known) members.set(who.workflowId, who);
      answer = { ...answer, failed: rootCause(error) ?? String(error) };
    }
    await signalIfRunning(who.workflowId, (handle) => handle.signal(offloadingLeftSignal, answer));
  }

  const recall = () =>
    retryUntilKnown('who is there', () =>
      recallOffloaders.executeWithOptions({ summary: `who runs in ${namespace}` }, [{ namespace }]),
    );
  for (const who of carried?.members ?? (await recall())) members.set(who.workflowId, who);
  do {
    await condition(() => joining.length + leaving.length > 0);
    while (joining.length + leaving.length > 0) {
      const who = leaving.shift();
      await (who ? leave(who) : join());
    }
    setCurrentDetails(`Namespace **${namespace}**: ${[...members.keys()].join(', ') || 'nobody'}`);
    // What makes the history long is coming and going, so that is when it is looked at.
    if (due() && members.size > 0) {
      const state = { members: [...members.values()], ...(selected === undefined ? {} : { selected }) };
      await continueAsNew<typeof offloading>({ namespace, carried: state });
    }
  } while (members.size > 0 || !allHandlersFinished());
}

const isSame = (one: Offloader, other: Offloader): boolean =>
  one.workflowId === other.workflowId && one.provider === other.provider;
