/* A whole node in one process, until SIGINT or SIGTERM: `node src/node.ts --config node.yaml`. */
import { main } from './cli/main.ts';
import { nodeProgram } from './cli/node.ts';

await main(nodeProgram('node'));
