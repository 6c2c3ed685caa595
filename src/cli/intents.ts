import type { Command } from 'commander';
import { checkPods } from '../client/check-pods.ts';
import { readIntent } from '../client/read-intent.ts';
import { RearflowError } from '../platform/errors.ts';
import { decisionLines } from '../view/decision.ts';
import { intentListLines } from '../view/intent-list.ts';
import { phaseTree } from '../view/phase-tree.ts';
import { receiptLines } from '../view/receipt.ts';
import { addTemporalOptions, knownRules, withClient, type AccessOptions } from './access.ts';
import { exitCodeOf, follow } from './follow.ts';
import { outputOption, print, type Format } from './output.ts';

type Options = AccessOptions & { readonly output: Format; readonly watch?: boolean };

/** Commands that start, follow and end intents. */
export function addIntentCommands(program: Command): void {
  const command = (usage: string, says: string): Command =>
    addTemporalOptions(program.command(usage).description(says)).addOption(outputOption());

  command('submit <file>', 'State an intent (YAML or JSON file, - for standard input)')
    .option('-w, --watch', 'follow it to its end; exit code 1 when it fails')
    .action(submit);
  command('status <intent>', 'Show the phases, what it waits for, and its pods')
    .option('-w, --watch', 'follow it to its end; exit code 1 when it fails')
    .action(status);
  command('list', 'List intents, the latest first').action(list);
  command('explain <intent>', 'Show every candidate, and why it won or lost').action(explain);
  command('receipt <intent>', 'Show what was created, and how it was read back as gone').action(receipt);
  command('approve <intent>', 'Say yes to what an intent is about to buy')
    .option('--by <person>', 'who says so')
    .action((name: string, options: Options & { by?: string }) =>
      answer(options, { intent: name, approved: true }, (client) => client.approve(name, options.by)),
    );
  command('reject <intent>', 'Say no; the reservation is given back and the intent ends')
    .option('--reason <text>', 'why')
    .action((name: string, options: Options & { reason?: string }) =>
      answer(options, { intent: name, approved: false }, (client) => client.reject(name, options.reason)),
    );
  command('renew <intent>', 'Add time to its contract; the workload goes on')
    .requiredOption('--for <duration>', 'how much, for example 30m')
    .option('--id <text>', 'the same id twice is one renewal')
    .action(renew);
  command('cancel <intent>', 'End an intent: an orderly teardown begins')
    .option('-w, --watch', 'follow the teardown to its end')
    .action(cancel);
  command('cleanup <intent>', 'Undo what the teardown of an ended intent could not, once the cause is fixed')
    .option('-w, --watch', 'follow it to its end; exit code 1 when something is still left')
    .action(cleanup);
}

async function cleanup(name: string, options: Options): Promise<void> {
  await withClient(options, async (client) => {
    const started = await client.cleanup(name);
    if (started && options.watch) return watchToEnd(client, name, options);
    print(options.output, { intent: name, started }, () => [
      started
        ? `What intent ${name} left behind is being undone: rearflow status ${name} --watch`
        : `Intent ${name} left nothing behind.`,
    ]);
  });
}

async function submit(file: string, options: Options): Promise<void> {
  const intent = await readIntent(file);
  checkPods(intent, await knownRules(options));
  await withClient(options, async (client) => {
    const started = await client.start(intent);
    const result = { intent: intent.name, workflowId: `intent/${intent.name}`, started };
    if (options.watch && options.output === 'table') return watchToEnd(client, intent.name, options);
    print(options.output, result, () => [
      started ? `Intent ${intent.name} has begun.` : `Intent ${intent.name} runs already, with the same input.`,
      `Follow it: rearflow status ${intent.name} --watch`,
    ]);
    if (options.watch) await watchToEnd(client, intent.name, options);
  });
}

async function status(name: string, options: Options): Promise<void> {
  await withClient(options, async (client) => {
    if (options.watch) return watchToEnd(client, name, options);
    const found = await client.status(name);
    print(options.output, found, (paint) => phaseTree(found, { paint, now: Date.now(), busy: '●' }));
  });
}

async function list(options: Options): Promise<void> {
  const found = await withClient(options, (client) => client.list());
  print(options.output, found, (paint) => intentListLines(found, paint));
}

async function explain(name: string, options: Options): Promise<void> {
  const decision = await withClient(options, (client) => client.explain(name));
  print(options.output, decision, (paint) =>
    decision ? decisionLines(decision, paint) : [`Intent ${name} has not compared any offers yet.`],
  );
}

async function receipt(name: string, options: Options): Promise<void> {
  const found = await withClient(options, (client) => client.receipt(name));
  if (!found) {
    throw new RearflowError('NotReady', `intent ${name} has no receipt yet`, {
      hint: `It is written when the intent ends: rearflow status ${name} --watch`,
    });
  }
  print(options.output, found, (paint) => receiptLines(found, paint));
}

async function renew(name: string, options: Options & { readonly for: string; readonly id?: string }): Promise<void> {
  const renewed = await withClient(options, (client) => client.renew(name, options.for, options.id));
  const { amount, currency } = renewed.cost;
  const cost = amount === '0' ? 'nothing' : `${amount} ${currency}`;
  print(options.output, { intent: name, ...renewed }, () => [
    `Intent ${name} goes on until ${renewed.expiresAt}; the added time costs ${cost}.`,
  ]);
}

async function cancel(name: string, options: Options): Promise<void> {
  await withClient(options, async (client) => {
    await client.cancel(name);
    if (options.watch) return watchToEnd(client, name, options);
    print(options.output, { intent: name, cancelled: true }, () => [
      `Intent ${name} is told to end; everything it made is taken down first.`,
    ]);
  });
}

async function answer(
  options: Options,
  result: { readonly intent: string; readonly approved: boolean },
  give: Parameters<typeof withClient<void>>[1],
): Promise<void> {
  await withClient(options, give);
  print(options.output, result, () => [`Intent ${result.intent}: ${result.approved ? 'approved' : 'rejected'}.`]);
}

/** The tree goes to standard error when standard output carries a result for programs. */
async function watchToEnd(client: Parameters<typeof follow>[0], name: string, { output }: Options): Promise<void> {
  const end = await follow(client, name, output === 'table' ? process.stdout : process.stderr);
  print(output, end, (paint) => ['', ...receiptLines(end, paint)]);
  process.exitCode = exitCodeOf(end);
}
