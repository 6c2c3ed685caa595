import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { cacheFolder } from '../../../src/platform/cache-folder.ts';

const rearflow = fileURLToPath(new URL('../../../bin/rearflow', import.meta.url));

export interface WorkerOptions {
  readonly role: 'worker' | 'controller' | 'gateway';
  readonly configFile: string;
  readonly logFile: string;
  /** The node's configuration. */
  readonly config: object;
  /** Script to run instead of `rearflow <role>`, for a worker that is broken on purpose. */
  readonly script?: string;
}

/** One process of a node, to be killed and started again. */
export class WorkerProcess {
  readonly #options: WorkerOptions;
  #child: ChildProcess | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const { role, configFile, logFile, config, script } = this.#options;
    await writeFile(configFile, stringify(config));
    const log = openSync(logFile, 'a');
    const argv = script === undefined ? [rearflow, role, '--config', configFile] : [script, configFile];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, ...argv], {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
        REARFLOW_CACHE: cacheFolder(process.env),
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
  }

  /** kill -9. @returns when the process is gone */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}
