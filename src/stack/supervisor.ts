import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { RearflowError } from '../platform/errors.ts';
import type { CreateNodeCommand, StackNode } from './options.ts';
import { describeEvent } from './progress.ts';
import type { StackEvent } from './progress.ts';
import { startStack } from './stack.ts';

/**
 * What `stackUp` hands to the background process: the part of StackOptions that is plain data.
 *
 * `nodeModule` is the URL of a module that exports `nodeCommand(): CreateNodeCommand`.
 */
export interface SupervisorOrder {
  readonly dir: string;
  readonly nodes: readonly StackNode[];
  readonly ui: boolean;
  readonly rearflowCrds: readonly object[];
  readonly nodeModule?: string;
}

/** What the background process tells while it starts. */
export type SupervisorMessage =
  | { readonly kind: 'hello' }
  | { readonly kind: 'event'; readonly event: StackEvent }
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly code?: RearflowError['code'];
      readonly hint?: string;
    };

/**
 * Main of the background process. It keeps the stack running until SIGTERM; if whoever started it goes away before the
 * stack is ready, it gives up and leaves nothing.
 */
async function supervise(order: SupervisorOrder, giveUp: AbortController): Promise<void> {
  const onProgress = (event: StackEvent): void => {
    log(order.dir, describeEvent(event));
    tell({ kind: 'event', event });
  };
  const { dir, nodes, ui, rearflowCrds, nodeModule } = order;
  const module = nodeModule === undefined ? undefined : await importNodeModule(nodeModule);
  const commands = module === undefined ? {} : { nodeCommand: module.nodeCommand() };
  const stack = await startStack({ dir, nodes, ui, rearflowCrds, onProgress, signal: giveUp.signal, ...commands });
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping ??= stack.stop().then(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.removeAllListeners(signal).on(signal, stop);
  if (giveUp.signal.aborted) return stop();
  process.removeAllListeners('disconnect');
  tell({ kind: 'ready' });
}

async function importNodeModule(url: string): Promise<{ nodeCommand(): CreateNodeCommand }> {
  return (await import(url)) as { nodeCommand(): CreateNodeCommand };
}

function tell(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** The folder may not exist yet, or not any more; then nobody could read the line either. */
function log(dir: string, line: string | undefined): void {
  if (line === undefined) return;
  try {
    appendFileSync(join(dir, 'supervisor.log'), `${new Date().toISOString()} ${line}\n`);
  } catch {
    return;
  }
}

const giveUp = new AbortController();
const abort = (): void => giveUp.abort(new RearflowError('StackFailed', 'the start was given up'));
process.once('disconnect', abort);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, abort);
process.once('message', (order: SupervisorOrder) => {
  process.on('uncaughtExceptionMonitor', (error) => log(order.dir, error.stack));
  supervise(order, giveUp).catch((error: unknown) => {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const known = error instanceof RearflowError ? { code: error.code, hint: error.hint } : {};
    log(order.dir, message);
    const failed: SupervisorMessage = { kind: 'failed', message, ...known };
    if (process.connected) process.send?.(failed, undefined, undefined, () => process.exit(1));
    else process.exit(1);
  });
});
tell({ kind: 'hello' });
