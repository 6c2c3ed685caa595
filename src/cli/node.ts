import type { Command } from 'commander';
import { loadConfig } from '../platform/config.ts';
import { createLogger } from '../platform/log.ts';
import type { Role } from '../runtime/node.ts';
import { createProgram } from './main.ts';
import { named } from './named-config.ts';

const processes = {
  node: {
    roles: ['worker', 'controller', 'gateway'],
    says: 'Run a whole node: worker, controller and gateway in one process',
  },
  worker: { roles: ['worker'], says: 'Run the workflows and activities of a node' },
  controller: { roles: ['controller'], says: 'Run the controllers of a node' },
  gateway: { roles: ['gateway'], says: 'Run the REAR gateway of a node' },
} as const satisfies Readonly<Record<string, { roles: readonly Role[]; says: string }>>;

/** `rearflow node | worker | controller | gateway`: until SIGINT or SIGTERM. */
export function addNodeCommands(program: Command): void {
  for (const [name, { says }] of Object.entries(processes))
    run(program.command(name).description(says), name as keyof typeof processes);
}

/** A program that runs one process of a node. */
export function nodeProgram(name: keyof typeof processes): Command {
  return run(createProgram(name, processes[name].says), name);
}

function run(command: Command, name: keyof typeof processes): Command {
  const { roles } = processes[name];
  return command
    .option('-c, --config <file>', 'configuration file (YAML); also REARFLOW_CONFIG')
    .action(async (options: { config?: string }) => {
      const { config } = loadConfig(named(options.config));
      const log = createLogger(config.node.name, config.log.level);
      const asked = new Promise<void>((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      // Only here: the worker is what takes longest to load, and no other command needs it.
      const { startNode } = await import('../runtime/node.ts');
      const node = await startNode(config, roles, log);
      await Promise.race([asked, node.done]);
      await node.close();
      process.exit(0);
    });
}
