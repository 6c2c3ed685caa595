/* A whole node in one process, until SIGINT or SIGTERM: `node src/node.ts --config node.yaml`. */
import { main } from './cli/main.ts';
import { nodeCommand } from './cli/node.ts';

await main(nodeCommand('node'));
