import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { RearflowError } from '../../platform/errors.ts';
import { linkerFlags } from './cache.ts';
import type { Environment } from '../../platform/cache-folder.ts';
import { withLock } from './lock.ts';
import type { Tool } from './tools.ts';

export interface BuildOptions {
  readonly tool: Tool;
  /** Folder of the Go modules (`tools/`). */
  readonly toolsDir: string;
  /** Where the finished binary's folder is put, see `toolFolder`. */
  readonly folder: string;
  readonly env: Environment;
  readonly onWait: (pid: number) => void;
  /** Asked once the lock is held: another process may have finished the same build meanwhile. */
  readonly alreadyThere: () => Promise<boolean>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Builds one tool from its pinned Go module and moves it into the cache in one step.
 *
 * @returns path of the binary
 * @throws RearflowError `ToolMissing` when the build fails; the log file stays beside the cache folder
 */
export async function buildTool(options: BuildOptions): Promise<string> {
  const { tool, folder } = options;
  const log = `${folder}.log`;
  await mkdir(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, options.onWait, async () => {
    if (await options.alreadyThere()) return;
    const draft = `${folder}.${process.pid}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft);
    try {
      const args = ['build', '-trimpath', '-ldflags', linkerFlags(tool), '-o', join(draft, tool.name), tool.package];
      await runGo(args, join(options.toolsDir, tool.module), log, options);
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
      await rm(log, { force: true });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
  return join(folder, tool.name);
}

async function runGo(args: readonly string[], cwd: string, log: string, options: BuildOptions): Promise<void> {
  const output = createWriteStream(log);
  const env = { ...options.env, GOTOOLCHAIN: 'auto', GOWORK: 'off' };
  const child = spawn('go', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal: options.signal });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  output.end();
  await finished(output);
  if (code !== 0) {
    throw new RearflowError('ToolMissing', `building ${options.tool.name} ${options.tool.version} failed`, {
      hint: `Read ${log}; the Go module proxy must be reachable for the first build.`,
    });
  }
}
