import { moduleBeside } from '../platform/module-beside.ts';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../platform/cache-folder.ts';
import { RearflowError } from '../platform/errors.ts';
import { endProcesses, isStackFolder, living, ownerName } from './journal.ts';
import { tcpProbe } from './probe.ts';
import type { OnProgress } from './progress.ts';
import { readState } from './state-file.ts';
import type { StackState } from './state-file.ts';
import type { SupervisorMessage, SupervisorOrder } from './supervisor.ts';

export interface UpOptions extends SupervisorOrder {
  readonly onProgress?: OnProgress;
  /** Ctrl-C: aborting stops what was started and leaves nothing. */
  readonly signal?: AbortSignal;
}

export interface ProcessHealth {
  readonly name: string;
  readonly pid: number | undefined;
  readonly port: number | undefined;
  /** `unreachable` = it runs, but its port takes no connection. */
  readonly health: 'healthy' | 'starting' | 'unreachable' | 'dead';
  readonly restarts: number;
  readonly logFile: string;
}

export interface StackStatus {
  /** A supervisor runs. Without it leftovers may still be listed; `stackDown` ends them. */
  readonly running: boolean;
  readonly supervisorPid: number | undefined;
  /** Absent until the stack was ready once. */
  readonly state: StackState | undefined;
  readonly processes: readonly ProcessHealth[];
}

const supervisor = fileURLToPath(moduleBeside('./supervisor', import.meta.url));
const stopWithinMs = 30_000;

/** Default folder of a named stack: `REARFLOW_STATE`, else `XDG_STATE_HOME/rearflow`, else `~/.local/state/rearflow`. */
export function stackFolder(name: string, env: Environment): string {
  const root = env['REARFLOW_STATE'] ?? join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'rearflow');
  return join(root, 'stack', name);
}

/**
 * Starts a stack in the background and returns when it is ready.
 *
 * @throws RearflowError what `startStack` throws; the signal's reason when aborted
 */
export async function stackUp({ onProgress, signal, ...order }: UpOptions): Promise<StackState> {
  signal?.throwIfAborted();
  const child = fork(supervisor, [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Those of the calling process, for example `--inspect` or `-e`, are not meant for it.
    execArgv: [],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const cancel = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await startedBy(child, order, exited, onProgress);
  } catch (error) {
    child.kill('SIGTERM');
    await exited;
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (child.connected) child.disconnect();
    child.unref();
  }
  const state = await readState(order.dir);
  if (!state) throw new RearflowError('StackFailed', `${order.dir}: the stack ended right after its start`);
  return state;
}

async function startedBy(
  child: ChildProcess,
  order: SupervisorOrder,
  exited: Promise<void>,
  onProgress: OnProgress | undefined,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'hello') child.send(order);
      if (message.kind === 'event') onProgress?.(message.event);
      if (message.kind === 'ready') resolve();
      if (message.kind === 'failed') reject(asError(message));
    });
    void exited.then(() => {
      reject(new RearflowError('StackFailed', `the supervisor ended: ${join(order.dir, 'supervisor.log')}`));
    });
  });
}

function asError(message: Extract<SupervisorMessage, { kind: 'failed' }>): Error {
  const { code, hint } = message;
  return new RearflowError(code ?? 'StackFailed', message.message, hint === undefined ? {} : { hint });
}

/**
 * Stops a stack, also one whose supervisor was killed, and removes its folder.
 *
 * @returns false when there was none
 * @throws RearflowError `StackFailed` when the calling process itself runs it: it has to call `Stack.stop`
 */
export async function stackDown(dir: string): Promise<boolean> {
  if (!isStackFolder(dir)) return false;
  const owner = living(dir).find((entry) => entry.name === ownerName);
  if (owner?.pid === process.pid) {
    throw new RearflowError('StackFailed', `${dir} is run by this very process`, { hint: 'Call stop() on the stack.' });
  }
  // The owner stops the others in order; what it does not manage is ended afterward.
  if (owner) await endProcesses([owner], stopWithinMs);
  await endProcesses(living(dir), 1_000);
  await rm(dir, { recursive: true, force: true });
  return true;
}

/** Looks at every process of a stack: is it alive, does its port answer. */
export async function stackStatus(dir: string): Promise<StackStatus> {
  const alive = living(dir);
  const owner = alive.find((entry) => entry.name === ownerName);
  const state = await readState(dir);
  const processes = (state?.processes ?? []).map(async (process): Promise<ProcessHealth> => {
    const { name, pid, port, restarts, logFile } = process;
    const lives = alive.some((entry) => entry.name === name && entry.pid === pid);
    return { name, pid, port, restarts, logFile, health: lives ? await healthOf(process.state, port) : 'dead' };
  });
  return { running: owner !== undefined, supervisorPid: owner?.pid, state, processes: await Promise.all(processes) };
}

async function healthOf(state: string, port: number | undefined): Promise<ProcessHealth['health']> {
  if (state !== 'ready') return 'starting';
  return port === undefined || (await tcpProbe(port)()) ? 'healthy' : 'unreachable';
}
