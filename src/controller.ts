/* The controllers of a node, until SIGINT or SIGTERM: `node src/controller.ts --config node.yaml`. */
import { main } from './cli/main.ts';
import { nodeCommand } from './cli/node.ts';

await main(nodeCommand('controller'));
