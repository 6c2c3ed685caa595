import { join } from 'node:path';
import { nearestName } from '../platform/nearest-name.ts';
import { RearflowError } from '../platform/errors.ts';
import { stackFolder } from '../stack/commands.ts';
import { living, ownerName } from '../stack/journal.ts';
import type { StackCluster } from '../stack/options.ts';
import { readState, type StackState } from '../stack/state-file.ts';

/** A node of an embedded stack that runs. */
export interface StackAccess {
  readonly state: StackState;
  readonly cluster: StackCluster;
  /** Configuration file of the node. */
  readonly configFile: string;
}

/** The node that a command speaks for when none is named. */
export const defaultNode = 'turin';

/**
 * Looks for an embedded stack that runs.
 *
 * @returns undefined when none of that name runs
 * @throws RearflowError `InvalidConfig` when it has no such node
 */
export async function findStack(stack: string, node = defaultNode): Promise<StackAccess | undefined> {
  const dir = stackFolder(stack, process.env);
  if (!living(dir).some(({ name }) => name === ownerName)) return undefined;
  const state = await readState(dir);
  if (!state) return undefined;
  const cluster = state.clusters.find(({ name }) => name === node);
  if (cluster) return { state, cluster, configFile: join(dir, node, 'rearflow.yaml') };
  const names = state.clusters.map(({ name }) => name);
  const nearest = nearestName(node, names);
  throw new RearflowError('InvalidConfig', `--node: the stack ${stack} has no node ${node}`, {
    field: 'node',
    hint: nearest === undefined ? `It has ${names.join(', ')}.` : `Did you mean ${nearest}?`,
  });
}
