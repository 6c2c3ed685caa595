import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import type { SearchActivities } from '../../../src/activities/intent/search.ts';
import type { TradeActivities } from '../../../src/activities/intent/trade.ts';
import type { MembershipActivities } from '../../../src/activities/pair/membership.ts';
import type { Candidate } from '../../../src/messages/intent/candidate.ts';
import { Flavor } from '../../../src/schemas/wire.ts';
import { draftOf } from '../../harness/support/intents.ts';
import { openWorkflowHost } from '../../harness/support/workflow-host.ts';

/** What a node does for the phases of an intent. */
export type Node = Pick<SearchActivities, 'lookUp' | 'discover'> &
  Pick<TradeActivities, 'deleteCredentials'> &
  Pick<MembershipActivities, 'abandonPair'>;

export type Draft = Partial<ReturnType<typeof draftOf>>;

export interface IntentHost {
  /** What the node does from now on; whatever is left out fails. */
  does(what: Partial<Node>): void;
  /**
   * Runs a workflow of `intent-phases-workflows.ts`.
   *
   * @param draft what the intent states beside its name
   * @param signal name of one that is there from the start
   */
  run<R>(workflow: string, draft: Draft, args?: readonly unknown[], signal?: string): Promise<R>;
  close(): Promise<void>;
}

const unasked = (what: string) => (): never => {
  throw ApplicationFailure.nonRetryable(`${what} was not to be called`, 'Unasked');
};
const idle: Node = {
  lookUp: unasked('lookUp'),
  discover: unasked('discover'),
  deleteCredentials: unasked('deleteCredentials'),
  abandonPair: unasked('abandonPair'),
};

/** A Temporal whose worker runs phases of intents, with a node that does what each test wants. */
export async function openIntentHost(): Promise<IntentHost> {
  let node = idle;
  let count = 0;
  const activities: Node = {
    lookUp: (args) => node.lookUp(args),
    discover: (args) => node.discover(args),
    deleteCredentials: (args) => node.deleteCredentials(args),
    abandonPair: (args) => node.abandonPair(args),
  };
  const workflowsPath = fileURLToPath(new URL('./intent-phases-workflows.ts', import.meta.url));
  const { client, taskQueue, close } = await openWorkflowHost({ workflowsPath, activities });
  return {
    does: (what) => {
      node = { ...idle, ...what };
    },
    async run<R>(workflow: string, draft: Draft, more: readonly unknown[] = [], signal?: string) {
      const name = `part-${String((count += 1))}`;
      const args = [draftOf(name, '2', draft), ...more];
      const options = { workflowId: `intent/${name}`, taskQueue, workflowExecutionTimeout: '30s', args } as const;
      type Phase = (...all: unknown[]) => Promise<R>;
      if (signal === undefined) return client.workflow.execute<Phase>(workflow, options);
      return (await client.workflow.signalWithStart<Phase>(workflow, { ...options, signal })).result();
    },
    close,
  };
}

/** Eight gigabytes and twenty pods for a euro an hour. */
export function offer(flavorID: string, { seller = 'milan', price = '1', cpu = '4' } = {}): Candidate {
  const characteristics = { architecture: 'amd64', cpu, memory: '8Gi', pods: '20' };
  return {
    endpoint: `${seller}:3004`,
    flavor: Flavor.parse({
      flavorID,
      owner: { ID: seller, IP: '192.0.2.1:1' },
      availability: true,
      type: { name: 'k8slice', data: { characteristics } },
      price: { amount: price, currency: 'EUR', period: 'hourly' },
    }),
  };
}

/** The undo of what was bought in one transaction. */
export const credentials = (group: string) =>
  ({ id: `credentials ${group}`, kind: 'credentials', args: { secret: group }, after: [], group }) as const;
