import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackCluster, StackTemporal } from './options.ts';
import type { ProcessStatus } from './process.ts';

/** Content of `stack.json`. */
export interface StackState {
  readonly ownerPid: number;
  readonly startedAt: string;
  readonly temporal: StackTemporal;
  readonly clusters: readonly StackCluster[];
  readonly processes: readonly ProcessStatus[];
}

export function stateFile(dir: string): string {
  return join(dir, 'stack.json');
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export async function writeState(dir: string, state: StackState): Promise<void> {
  const draft = `${stateFile(dir)}.draft`;
  await writeFile(draft, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(draft, stateFile(dir));
}

/** @returns undefined when there is no stack, or it is not ready yet */
export async function readState(dir: string): Promise<StackState | undefined> {
  try {
    return JSON.parse(await readFile(stateFile(dir), 'utf8')) as StackState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
