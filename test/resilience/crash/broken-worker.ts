import { Worker } from '@temporalio/worker';
import { loadConfig } from '../../../src/platform/config.ts';
import { createLogger } from '../../../src/platform/log.ts';
import { startNode } from '../../../src/runtime/node.ts';

/*
 * The product's worker with one undo that does nothing. Only the self-test of the matrix starts it: a matrix that passes
 * with it would not see a leak.
 */

const create = Worker.create.bind(Worker);
Worker.create = (options) => {
  const undone = (): Promise<readonly []> => Promise.resolve([]);
  return create({ ...options, activities: { ...options.activities, deleteNamespace: undone } });
};
const { config } = loadConfig(process.argv[2]);
const node = await startNode(config, ['worker'], createLogger(config.node.name, config.log.level));
await node.done;
