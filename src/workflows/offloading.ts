import {
  allHandlersFinished,
  condition,
  proxyActivities,
  rootCause,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { SliceActivities } from '../activities/slice.ts';
import { making, soon, undoing } from './activity-options.ts';
import {
  joinOffloadingSignal,
  leaveOffloadingSignal,
  offloadedSignal,
  offloadersQuery,
  offloadingLeftSignal,
  type Offloader,
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
const { unoffload } = proxyActivities<SliceActivities>(undoing(defaultLimits.undoMs));

/**
 * Owns the one NamespaceOffloading of a namespace that existed before and that several intents may share. Its selector
 * names whole providers, those of the members; it goes with the last of them.
 *
 * @see DESIGN 4.1, namespace
 */
export async function offloading({ namespace }: OffloadingInput): Promise<void> {
  const members = new Map<string, Offloader>();
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
    const gone = members.size === 0 && known;
    const readBacks = gone
      ? await unoffload.executeWithOptions({ summary: `take ${namespace} back` }, [{ namespace }])
      : [];
    if (!gone && members.size > 0 && providers().join() !== before) await select();
    await tell(who.workflowId, (handle) => handle.signal(offloadingLeftSignal, { provider: who.provider, readBacks }));
  }

  do {
    await condition(() => asked.length > 0);
    for (let next = asked.shift(); next; next = asked.shift()) {
      await (next.act === 'join' ? join(next.who) : leave(next.who));
    }
    setCurrentDetails(`Namespace **${namespace}**: ${[...members.keys()].join(', ') || 'nobody'}`);
  } while (members.size > 0 || !allHandlersFinished());
}
