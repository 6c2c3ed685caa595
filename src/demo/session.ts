import { moduleBeside } from '../platform/module-beside.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RearflowError } from '../platform/errors.ts';
import { rearflowCrds } from '../kubernetes/crd/rearflow-crds.ts';
import { stackDown, stackFolder, stackUp } from '../stack/commands.ts';
import type { Stack, StackCluster, StackTemporal } from '../stack/options.ts';
import type { OnProgress } from '../stack/progress.ts';
import { startStack } from '../stack/stack.ts';
import { demoNodes, nodeCommand } from './nodes.ts';

/** The stack that a demo runs on. */
export interface DemoSession {
  readonly dir: string;
  readonly temporal: StackTemporal;
  readonly clusters: readonly StackCluster[];
  /** Stops every process and removes the folder. */
  stop(): Promise<void>;
}

const nodeModule = moduleBeside('./nodes', import.meta.url).href;

/**
 * Starts the demo's stack: as children of this process, which they never outlive, or in the background when it is to
 * be kept; then it is the default stack of the command line.
 *
 * @throws RearflowError what `startStack` throws; the signal's reason when aborted
 */
export async function startDemoSession(
  keep: boolean,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<DemoSession> {
  const base = { nodes: demoNodes, ui: true, rearflowCrds: rearflowCrds(), onProgress, signal };
  if (!keep) {
    const parent = await mkdtemp(join(tmpdir(), 'rearflow-demo-'));
    return ownSession(
      parent,
      () => startStack({ ...base, dir: join(parent, 'stack'), nodeCommand: nodeCommand() }),
      signal,
    );
  }
  const dir = stackFolder('default', process.env);
  const { temporal, clusters } = await stackUp({ ...base, dir, nodeModule });
  return {
    dir,
    temporal,
    clusters,
    async stop() {
      await stackDown(dir);
    },
  };
}

/** A start that fails by itself leaves its folder when the error names a log file in it. */
async function ownSession(parent: string, start: () => Promise<Stack>, signal: AbortSignal): Promise<DemoSession> {
  const removeParent = (): Promise<void> => rm(parent, { recursive: true, force: true });
  try {
    const stack = await start();
    const { dir, temporal, clusters } = stack;
    return { dir, temporal, clusters, stop: () => stack.stop().then(removeParent) };
  } catch (error) {
    const logged = error instanceof RearflowError && error.code === 'StackFailed';
    if (signal.aborted || !logged) await removeParent();
    throw error;
  }
}
