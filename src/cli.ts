import { Command } from 'commander';
import { addNodeCommands } from './cli/node.ts';
import { addIntentCommands } from './cli/intents.ts';
import { addStackCommands } from './cli/stack.ts';
import { addConfigCommand } from './cli/config.ts';
import { addDemoCommand } from './cli/demo.ts';
import { fail } from './cli/fail.ts';

const program = new Command('rearflow')
  .description("States intents and runs them on other organisations' clusters, over REAR, Temporal and Liqo.")
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });
addIntentCommands(program);
addStackCommands(program);
addNodeCommands(program);
addConfigCommand(program);
addDemoCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
