/* The workflows and activities of a node, until SIGINT or SIGTERM: `node src/worker.ts --config node.yaml`. */
import { main } from './cli/main.ts';
import { nodeProgram } from './cli/node.ts';

await main(nodeProgram('worker'));
