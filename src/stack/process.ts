import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RearflowError } from '../platform/errors.ts';
import { record } from './journal.ts';
import type { OnProgress } from './progress.ts';
import type { Probe } from './probe.ts';

export interface ProcessSpec {
  /** Unique in the stack, for example `milan/etcd`. */
  readonly name: string;
  /** Executable and arguments. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  /** Where it listens on 127.0.0.1, for the status. */
  readonly port: number | undefined;
  readonly ready: Probe;
  /** Time from start to ready, at most. */
  readonly readyWithinMs: number;
  /** Time from SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

export interface ProcessStatus {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: 'stopped' | 'starting' | 'ready' | 'restarting';
  readonly restarts: number;
  readonly port: number | undefined;
  readonly logFile: string;
}

const firstBackOffMs = 200;
const longestBackOffMs = 5_000;
/** Living this long makes the next death a first one again. */
const settledMs = 30_000;
const probeEveryMs = 25;

/**
 * One supervised child: own process group, output in a log file, started again when it ends unexpectedly.
 *
 * The kernel kills it when this process dies, however that happens (`setpriv --pdeathsig`, PR_SET_PDEATHSIG); its
 * identity is in the journal of `journalDir` besides.
 */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #journalDir: string;
  readonly #onProgress: OnProgress;
  #child: ChildProcess | undefined;
  #exited: Promise<string> = Promise.resolve('');
  #state: ProcessStatus['state'] = 'stopped';
  #restarts = 0;
  #quickDeaths = 0;
  #life = new AbortController();

  constructor(spec: ProcessSpec, journalDir: string, onProgress: OnProgress) {
    this.spec = spec;
    this.#journalDir = journalDir;
    this.#onProgress = onProgress;
  }

  status(): ProcessStatus {
    const { name, port, logFile } = this.spec;
    return { name, pid: this.#child?.pid, state: this.#state, restarts: this.#restarts, port, logFile };
  }

  /**
   * Starts the process and waits until it is ready.
   *
   * @throws RearflowError `StackFailed` when it ends before that or takes too long; it does not run then
   */
  async start(): Promise<void> {
    if (this.#state !== 'stopped') return;
    this.#life = new AbortController();
    this.#state = 'starting';
    this.#spawn();
    try {
      await this.#awaitReady();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#life.signal.aborted) return;
    this.#becomeReady();
    void this.#supervise(this.#life.signal);
  }

  /** SIGTERM, after the grace SIGKILL; resolves when it is gone. It stays stopped until `start`. */
  async stop(): Promise<void> {
    this.#life.abort();
    const child = this.#child;
    if (child) {
      const patience = new AbortController();
      this.kill('SIGTERM');
      const late = delay(this.spec.graceMs, 'late', { signal: patience.signal }).catch(() => '');
      if ((await Promise.race([this.#exited, late])) === 'late') this.kill('SIGKILL');
      await this.#exited;
      patience.abort();
      this.#onProgress({ kind: 'process', name: this.spec.name, state: 'stopped', pid: child.pid ?? 0 });
    }
    this.#child = undefined;
    this.#state = 'stopped';
  }

  /** Sends a signal to the process group; for tests also SIGKILL, after which it is started again. */
  kill(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#child?.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
  }

  #spawn(): void {
    const { argv, env, cwd, logFile, name } = this.spec;
    mkdirSync(dirname(logFile), { recursive: true });
    mkdirSync(cwd, { recursive: true });
    const log = openSync(logFile, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
    });
    if (child.pid === undefined) return;
    record(this.#journalDir, name, child.pid);
    this.#onProgress({ kind: 'process', name, state: 'started', pid: child.pid });
  }

  async #awaitReady(): Promise<void> {
    const { name, ready, readyWithinMs, logFile } = this.spec;
    const deadline = Date.now() + readyWithinMs;
    let ended: string | undefined;
    void this.#exited.then((how) => (ended = how));
    for (;;) {
      if (this.#life.signal.aborted) return;
      if (await ready()) return;
      if (ended !== undefined)
        throw new RearflowError('StackFailed', `${name} ended at its start (${ended}): ${logFile}`);
      if (Date.now() > deadline) {
        throw new RearflowError('StackFailed', `${name} was not ready after ${readyWithinMs} ms: ${logFile}`);
      }
      await Promise.race([delay(probeEveryMs), this.#exited]);
    }
  }

  #becomeReady(): void {
    this.#state = 'ready';
    this.#onProgress({ kind: 'process', name: this.spec.name, state: 'ready', pid: this.#child?.pid ?? 0 });
  }

  async #supervise(life: AbortSignal): Promise<void> {
    while (!life.aborted) {
      const since = Date.now();
      const how = await this.#exited;
      if (life.aborted) return;
      this.#child = undefined;
      this.#state = 'restarting';
      this.#quickDeaths = Date.now() - since > settledMs ? 0 : this.#quickDeaths + 1;
      const restartInMs = Math.min(firstBackOffMs * 2 ** Math.max(0, this.#quickDeaths - 1), longestBackOffMs);
      this.#onProgress({ kind: 'died', name: this.spec.name, how, restartInMs });
      await delay(restartInMs, undefined, { signal: life }).catch(() => undefined);
      if (life.aborted) return;
      this.#restarts += 1;
      this.#spawn();
      this.#state = 'starting';
      const ready = await this.#awaitReady().then(
        () => true,
        () => false,
      );
      if (ready && !life.aborted) this.#becomeReady();
    }
  }
}
