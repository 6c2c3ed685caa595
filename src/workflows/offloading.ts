import {
  allHandlersFinished,
  condition,
  proxyActivities,
  rootCause,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { RecallActivities } from '../activities/recall.ts';
import type { SliceActivities } from '../activities/slice.ts';
import { insisting, making, soon, undoing } from './activity-options.ts';
import {
  joinOffloadingSignal,
  leaveOffloadingSignal,
  offloadedSignal,
  offloadersQuery,
  offloadingLeftSignal,
  type Offloader,
  type OffloadingLeft,
} from './offloading/messages.ts';
import { defaultLimits } from './intent/limits.ts';
import { tell } from './tell.ts';

export interface OffloadingInput {
  readonly namespace: string;
}

const { offload } = proxyActivities<SliceActivities>({
  ...making,
  scheduleToCloseTimeout: '3m',
  retry: { ...soon, nonRetryableErrorTypes: ['NamespaceTaken'] },
});
const { recallOffloaders } = proxyActivities<RecallActivities>(insisting);
const { unoffload } = proxyActivities<SliceActivities>(undoing(defaultLimits.undoMs));

/**
 * Owns the one NamespaceOffloading of a namespace that existed before and that several intents may share. Its selector
 * names whole providers, those of the members; it goes with the last of them.
 *
 * @see DESIGN 4.1, namespace
 */
export async function offloading({ namespace }: OffloadingInput): Promise<void> {
  const members = new Map<string, Offloader>();
  /** Nobody joined in this run: what there is comes from one that was lost. */
  let inherited = true;
  const asked: { readonly act: 'join' | 'leave'; readonly who: Offloader }[] = [];
  setHandler(joinOffloadingSignal, (who) => void asked.push({ act: 'join', who }));
  setHandler(leaveOffloadingSignal, (who) => void asked.push({ act: 'leave', who }));
  setHandler(offloadersQuery, () => [...members.values()], { description: 'Intents that run in this namespace' });
  const providers = (): string[] => [...new Set([...members.values()].map(({ provider }) => provider))].sort();
  const select = () =>
    offload.executeWithOptions({ summary: `offload ${namespace} to ${providers().join(', ')}` }, [
      { namespace, providers: providers(), shared: true },
    ]);

  async function join(who: Offloader): Promise<void> {
    members.set(who.workflowId, who);
    try {
      await select();
      inherited = false;
      await tell(who.workflowId, (handle) => handle.signal(offloadedSignal, { provider: who.provider }));
    } catch (error) {
      members.delete(who.workflowId);
      const failed = rootCause(error) ?? String(error);
      await tell(who.workflowId, (handle) => handle.signal(offloadedSignal, { provider: who.provider, failed }));
    }
  }

  async function leave(who: Offloader): Promise<void> {
    const before = providers().join();
    // An intent that went on to another seller is a member again, with him.
    const known = members.get(who.workflowId)?.provider === who.provider && members.delete(who.workflowId);
    const { provider } = who;
    let answer: OffloadingLeft;
    try {
      const gone = members.size === 0 && (known || inherited);
      const readBacks = gone
        ? await unoffload.executeWithOptions({ summary: `take ${namespace} back` }, [{ namespace }])
        : [];
      if (members.size > 0 && providers().join() !== before) await select();
      answer = { provider, readBacks };
    } catch (error) {
      // It stays as it is; leaving once more tries once more.
      if (known) members.set(who.workflowId, who);
      answer = { provider, readBacks: [], failed: rootCause(error) ?? String(error) };
    }
    await tell(who.workflowId, (handle) => handle.signal(offloadingLeftSignal, answer));
  }

  const known = await recallOffloaders.executeWithOptions({ summary: `who runs in ${namespace}` }, [{ namespace }]);
  for (const who of known) members.set(who.workflowId, who);
  do {
    await condition(() => asked.length > 0);
    for (let next = asked.shift(); next; next = asked.shift()) {
      await (next.act === 'join' ? join(next.who) : leave(next.who));
    }
    setCurrentDetails(`Namespace **${namespace}**: ${[...members.keys()].join(', ') || 'nobody'}`);
  } while (members.size > 0 || !allHandlersFinished());
}
