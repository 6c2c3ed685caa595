import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { DemoOptions } from '../demo/main.ts';
import { RearflowError } from '../platform/errors.ts';

const web = fileURLToPath(new URL('../../examples/intents/web.yaml', import.meta.url));

/** `rearflow demo`: the whole main job on this machine. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Start two clusters on this machine and run one intent through every phase')
    .option('--keep', 'leave the stack running in the background and say what to try', false)
    .option('--json', 'end with one line of JSON: ok, leaks, milliseconds of each phase', false)
    .option('--intent <file>', 'the intent to run (YAML or JSON)', web)
    .option('--for <duration>', 'term of the contract, instead of the one in the intent', '12s')
    .action(async (options: DemoOptions) => {
      const stopping = new AbortController();
      const stop = (): void => {
        if (stopping.signal.aborted) return;
        stopping.abort(new RearflowError('StackFailed', 'stopped before the end', { hint: 'Nothing keeps running.' }));
      };
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
      const { runDemo } = await import('../demo/main.ts');
      const ok = await runDemo(options, process.stdout, stopping.signal);
      process.exit(ok ? 0 : 1);
    });
}
