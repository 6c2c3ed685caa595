import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rearflowCrds } from '../kubernetes/crd/rearflow-crds.ts';
import { stackDown, stackFolder, stackUp } from '../stack/commands.ts';
import type { StackCluster, StackTemporal } from '../stack/options.ts';
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

const nodeModule = new URL('./nodes.ts', import.meta.url).href;

/**
 * Starts the demo's stack: as children of this process, which they never outlive, or in the background when it is to
 * be kept; then it is the default stack of the command line.
 *
 * @throws RearflowError what `startStack` throws; the signal's reason when aborted
 */
export async function startDemoSession(keep: boolean, onProgress: OnProgress, signal: AbortSignal): Promise<DemoSession> {
  const base = { nodes: demoNodes, ui: true, rearflowCrds: rearflowCrds(), onProgress, signal };
  if (!keep) {
    const dir = join(await mkdtemp(join(tmpdir(), 'rearflow-demo-')), 'stack');
    return startStack({ ...base, dir, nodeCommand: nodeCommand() });
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
