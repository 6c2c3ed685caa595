import { addCompletionCommand } from './cli/completion.ts';
import { addConfigCommand } from './cli/config.ts';
import { addContractCommands } from './cli/contract.ts';
import { addDemoCommand } from './cli/demo.ts';
import { addIntentCommands } from './cli/intents.ts';
import { createProgram, main } from './cli/main.ts';
import { addNodeCommands } from './cli/node.ts';
import { addOfferCommands } from './cli/offers.ts';
import { addPlanCommand } from './cli/plan.ts';
import { addRepairCommand } from './cli/repair.ts';
import { addStackCommands } from './cli/stack.ts';
import { addTableCommands } from './cli/tables.ts';

const program = createProgram(
  'rearflow',
  "States intents and runs them on other organizations' clusters, over REAR, Temporal and Liqo.",
);
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

await main(program);
