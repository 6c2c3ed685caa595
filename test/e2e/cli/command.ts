import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));
const rearflow = fileURLToPath(new URL('../../../bin/rearflow', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Where {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Environment of a user who has set nothing, with folders of their own. */
export function bareEnvironment(home: string): Record<string, string> {
  return { HOME: home, PATH: process.env['PATH'] ?? '', REARFLOW_STATE: `${home}/state`, NO_COLOR: '1' };
}

/** Runs `rearflow` as a process of its own. */
export function rearflowIn(where: Where, ...args: readonly string[]): Promise<Ran> {
  return run(where, process.execPath, [rearflow, ...args]);
}

/** Runs a command to its end, at most 110 seconds. */
export function run({ cwd, env }: Where, file: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 110_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    }).stdin?.end();
  });
}

/** No stack trace, no inner words of libraries. */
export const traces = /\n\s+at |node:internal|node_modules|\[object|undefined/;
