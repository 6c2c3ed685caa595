/* The controllers of a node, until SIGINT or SIGTERM: `node src/controller.ts --config node.yaml`. */
import { main } from './cli/main.ts';
import { nodeProgram } from './cli/node.ts';

await main(nodeProgram('controller'));
