/* The REAR gateway of a node, until SIGINT or SIGTERM: `node src/gateway.ts --config node.yaml`. */
import { main } from './cli/main.ts';
import { nodeProgram } from './cli/node.ts';

await main(nodeProgram('gateway'));
