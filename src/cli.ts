import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { addCompletionCommand } from './cli/completion.ts';
import { addConfigCommand } from './cli/config.ts';
import { addContractCommands } from './cli/contract.ts';
import { addDemoCommand } from './cli/demo.ts';
import { fail } from './cli/fail.ts';
import { addIntentCommands } from './cli/intents.ts';
import { addNodeCommands } from './cli/node.ts';
import { addOfferCommands } from './cli/offers.ts';
import { addPlanCommand } from './cli/plan.ts';
import { addRepairCommand } from './cli/repair.ts';
import { addStackCommands } from './cli/stack.ts';
import { addTableCommands } from './cli/tables.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const program = new Command('rearflow')
  .version(version, '-V, --version', 'print the version')
  .description("States intents and runs them on other organisations' clusters, over REAR, Temporal and Liqo.")
  .showSuggestionAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });
program.configureOutput({
  outputError: (text, write) => write(`${text.trimEnd()}\nSee \`rearflow --help\`, or --help after a command.\n`),
});
addIntentCommands(program);
addPlanCommand(program);
addTableCommands(program);
addOfferCommands(program);
addContractCommands(program);
addStackCommands(program);
addRepairCommand(program);
addDemoCommand(program);
addNodeCommands(program);
addConfigCommand(program);
addCompletionCommand(program);

// `rearflow list | head` closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
