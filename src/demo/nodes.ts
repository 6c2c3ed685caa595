import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { cacheFolder } from '../platform/cache-folder.ts';
import type { CreateNodeCommand, StackNode } from '../stack/options.ts';

const rearflow = fileURLToPath(new URL('../../bin/rearflow', import.meta.url));

/** The demo's world: turin has no worker nodes of its own, milan sells two. */
export const demoNodes: readonly StackNode[] = [
  { name: 'turin', workers: [] },
  {
    name: 'milan',
    workers: [
      { name: 'milan-1', cpu: '16', memory: '64Gi', pods: '110' },
      { name: 'milan-2', cpu: '32', memory: '128Gi', pods: '110' },
    ],
  },
];

export interface NodeSettings {
  /** Dotted sections of the node's configuration beside what the stack says. */
  readonly [section: string]: unknown;
}

/** Starts rearflow itself for each node of a stack, configured by a file in the node's folder. */
export function nodeCommand(settings: (name: string) => NodeSettings = () => ({})): CreateNodeCommand {
  return async ({ name, dir, kubeconfig, temporal, gatewayPort, peers }) => {
    const config = {
      node: { name, domain: 'demo.local' },
      kubernetes: { kubeconfig },
      temporal,
      gateway: { host: '127.0.0.1', port: gatewayPort },
      discovery: { endpoints: peers, allowedRanges: ['127.0.0.0/8'] },
      market: {
        price: { amount: '0.40', currency: 'EUR', period: 'hourly' },
        location: { altitude: 'Italy', city: name },
      },
      ...settings(name),
    };
    const file = join(dir, 'rearflow.yaml');
    await writeFile(file, stringify(config));
    return {
      argv: [process.execPath, rearflow, 'node', '--config', file],
      env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning', REARFLOW_CACHE: cacheFolder(process.env) },
      readyUrl: `http://127.0.0.1:${String(gatewayPort)}/readyz`,
    };
  };
}
