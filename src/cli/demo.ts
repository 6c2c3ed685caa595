import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { DemoOptions } from '../demo/main.ts';
import { untilStopped } from './until-stopped.ts';

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
      const { runDemo } = await import('../demo/main.ts');
      const ok = await untilStopped((signal) => runDemo(options, process.stdout, signal));
      process.exit(ok ? 0 : 1);
    });
}
