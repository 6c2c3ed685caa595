import type { NodeConfig } from '../platform/config.ts';
import type { Logger } from '../platform/log.ts';
import type { Running } from '../platform/running.ts';
import { closeContext, openContext } from './context.ts';
import { startControllers } from './controllers.ts';
import { startGateway } from './gateway.ts';
import { createNodeWorker, installRuntime } from './worker.ts';
import { workflowBundle } from './workflow-bundle.ts';

export type Role = 'worker' | 'gateway' | 'controller';

/**
 * Starts the processes of a node in this one, in the order in which they need each other.
 *
 * @returns when all of them run; `done` settles when the worker ends by itself
 */
export async function startNode(
  config: NodeConfig,
  roles: readonly Role[],
  log: Logger,
): Promise<Running & { done: Promise<void> }> {
  installRuntime(log, config.metrics.address);
  const bundling = roles.includes('worker') ? workflowBundle(log) : undefined;
  const context = await openContext(config, log);
  const parts: Running[] = [];
  let done: Promise<void> = new Promise(() => undefined);
  try {
    if (bundling) {
      const worker = await createNodeWorker(context, await bundling);
      done = worker.run();
      parts.push({
        async close() {
          if (worker.getState() === 'RUNNING') worker.shutdown();
          await done;
        },
      });
    }
    if (roles.includes('controller')) parts.push(await startControllers(context));
    if (roles.includes('gateway')) parts.push(await startGateway(context));
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function closeAll(): Promise<void> {
    for (const part of [...parts].reverse()) await part.close();
    await closeContext(context);
  }
  const { node, gateway } = config;
  log.info({ node: node.name, roles, gateway: roles.includes('gateway') ? gateway.port : undefined }, 'node is up');
  return { close: closeAll, done };
}
