import type { Command } from 'commander';
import pLimit from 'p-limit';
import { checkPods } from '../client/check-pods.ts';
import { knownEndpoints, offersOf, type Answer } from '../client/offers.ts';
import { readIntent } from '../client/read-intent.ts';
import { decide, type Decision } from '../market/explain.ts';
import { requestOf } from '../messages/intent/need.ts';
import { RearflowError } from '../platform/errors.ts';
import { createRearClient } from '../rear/client.ts';
import { addressRules } from '../rear/endpoint.ts';
import { durationMs } from '../schemas/duration.ts';
import type { IntentInput } from '../schemas/intent.ts';
import { decisionLines } from '../view/decision.ts';
import type { Paint } from '../view/style.ts';
import { workloadObjects } from '../workload/objects.ts';
import { workloadRules } from '../workload/safety.ts';
import { addClusterOptions, nodeConfig, type AccessOptions } from './access.ts';
import { outputOption, print, type Format } from './output.ts';

type Options = AccessOptions & { readonly output: Format; readonly endpoint?: readonly string[] };

/** What an intent would lead to now. Nothing is reserved. */
interface Plan {
  readonly intent: string;
  readonly asked: readonly Omit<Answer, 'offers'>[];
  readonly decision: Decision;
  readonly creates: readonly string[];
}

/** `rearflow plan FILE`: asks everybody for offers, says which would be bought and what would be created. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan <file>')
    .description('Show which offer an intent would buy now, its price, and what would be created; reserves nothing')
    .option('--endpoint <host:port...>', 'gateways to ask, instead of those that the node knows');
  addClusterOptions(command)
    .addOption(outputOption())
    .action(async (file: string, options: Options) => {
      const plan = await planFor(await readIntent(file), options);
      print(options.output, plan, (paint) => planLines(plan, paint));
      if (!plan.decision.chosen) process.exitCode = 1;
    });
}

async function planFor(intent: IntentInput, options: Options): Promise<Plan> {
  const config = await nodeConfig(options);
  checkPods(intent, workloadRules(config));
  const { own, others } = options.endpoint
    ? { own: [], others: options.endpoint }
    : await knownEndpoints(config, intent.placement);
  if (own.length + others.length === 0) {
    throw new RearflowError('NotFound', 'there is nobody to ask for offers', {
      hint: 'Start a stack with `rearflow stack up`, or give --config or --endpoint host:port.',
    });
  }
  const request = requestOf(intent);
  const rear = createRearClient({
    addresses: addressRules(config, [...own, ...(options.endpoint ?? [])]),
    timeoutMs: durationMs(config.discovery.listDeadline),
  });
  try {
    const limit = pLimit(config.discovery.fanOut);
    const ask = (endpoints: readonly string[]): Promise<Answer[]> =>
      Promise.all(endpoints.map((endpoint) => limit(() => offersOf(rear, endpoint))));
    const local = await ask(own);
    const mine = decide(
      request,
      local.flatMap(({ offers }) => offers),
      Date.now(),
    );
    // As the intent itself does it: own resources first, others only when those do not suffice.
    const answers = mine.decision.chosen || intent.placement === 'local' ? local : [...local, ...(await ask(others))];
    const offers = answers.flatMap((answer) => answer.offers);
    const { decision } = mine.decision.chosen ? mine : decide(request, offers, Date.now());
    const remote = decision.chosen !== undefined && !mine.decision.chosen;
    const asked = answers.map(({ endpoint, flavors, error }) => ({
      endpoint,
      flavors,
      ...(error === undefined ? {} : { error }),
    }));
    return { intent: intent.name, asked, decision, creates: decision.chosen ? creates(intent, remote) : [] };
  } finally {
    await rear.close();
  }
}

/** Everything that would be created on the own cluster; each is taken down again at the end. */
function creates(intent: IntentInput, remote: boolean): string[] {
  const namespace = intent.namespace ?? `rf-${intent.name}`;
  const placement = { intent: intent.name, owner: '', namespace, node: '' };
  const workload = workloadObjects(intent.workload, placement).map(
    ({ kind, metadata }) => `${kind} ${namespace}/${metadata.name}`,
  );
  const peering = ['ResourceSlice, VirtualNode and Node rf-<contract>', `NamespaceOffloading ${namespace}/offloading`];
  return [
    'Contract, signed by the seller',
    ...(remote ? ['the peering with the seller, unless it stands already', ...peering] : []),
    ...(intent.namespace === undefined ? [`Namespace ${namespace}`] : []),
    ...workload,
  ];
}

function planLines({ asked, decision, creates: made }: Plan, paint: Paint): string[] {
  const silent = asked.filter(({ error }) => error !== undefined);
  return [
    ...silent.map(({ endpoint, error }) => paint('bad', `${endpoint} gave no offers: ${error ?? ''}`)),
    ...decisionLines(decision, paint),
    ...(made.length === 0 ? [] : ['', 'Would be created (nothing is, now):', ...made.map((each) => `  ${each}`)]),
  ];
}
