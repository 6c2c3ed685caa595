import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { RearflowError } from '../../platform/errors.ts';
import { fullDisk, saysFullDisk } from '../full-disk.ts';
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

/** Characters of Go's output that are looked at when it failed. */
const lastWords = 8_000;

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
  const building = `${options.tool.name} ${options.tool.version}`;
  const output = createWriteStream(log);
  const written = finished(output);
  const env = { ...options.env, GOTOOLCHAIN: 'auto', GOWORK: 'off' };
  const child = spawn('go', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal: options.signal });
  let said = '';
  // The log lies on the disk that may be full; Go's last words are kept besides.
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-lastWords);
      output.write(chunk);
    });
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => output.end());
  const [exit, writing] = await Promise.allSettled([ended, written]);
  if (exit.status === 'rejected') throw exit.reason;
  if (exit.value !== 0 && saysFullDisk(said)) throw fullDisk(`${building} was built`);
  if (exit.value !== 0) {
    throw new RearflowError('ToolMissing', `building ${building} failed`, {
      hint: `Read ${log}; the Go module proxy must be reachable for the first build.`,
    });
  }
  if (writing.status === 'rejected') throw writing.reason;
}
