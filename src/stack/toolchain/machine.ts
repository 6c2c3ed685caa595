import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { promisify } from 'node:util';
import { RearflowError } from '../../platform/errors.ts';
import type { Environment } from '../../platform/cache-folder.ts';

const gibibyte = 1024 ** 3;
/** One control plane with Liqo took 0.9 GiB under load, Temporal 0.2 (measured). */
const memoryPerNode = 0.9 * gibibyte;
const memoryShared = 0.4 * gibibyte;
/** etcd preallocates 128 MB; the rest is logs. */
const diskPerNode = 0.3 * gibibyte;
/** Go's module and build caches plus the binaries. */
const diskToBuild = 12 * gibibyte;
const twoBuildsFrom = 8 * gibibyte;

/**
 * Refuses a machine that cannot run the stack before anything is started.
 *
 * @param dir an existing folder on the disk that will hold the stack's state
 * @param nodes number of clusters
 * @throws RearflowError `ToolMissing` on anything but glibc Linux, `MachineTooSmall` for memory and disk
 */
export async function checkMachine(dir: string, nodes: number): Promise<void> {
  if (process.platform !== 'linux' || !isGlibc()) {
    throw new RearflowError('ToolMissing', 'the embedded stack needs Linux with glibc', {
      hint: 'Use an ordinary Linux machine, or point rearflow at clusters and a Temporal server of your own.',
    });
  }
  const memory = memoryShared + nodes * memoryPerNode;
  if (freemem() < memory) {
    throw new RearflowError(
      'MachineTooSmall',
      `${gib(memory)} memory needed for ${nodes} nodes, ${gib(freemem())} free`,
    );
  }
  await checkDisk(dir, nodes * diskPerNode);
}

/**
 * Checks what a build of missing tools needs.
 *
 * @returns how many builds may run at a time
 * @throws RearflowError `ToolMissing` when Go is missing or older than 1.24 (it fetches newer toolchains by itself),
 *   `MachineTooSmall` when the disk is too full
 */
export async function checkBuilder(cacheDir: string, missing: readonly string[], env: Environment): Promise<1 | 2> {
  const wanted = `${missing.join(', ')} must be built, which needs Go 1.24 or newer`;
  const hint = 'Install Go from https://go.dev/dl, or point REARFLOW_TOOL_<NAME> at binaries of your own.';
  let text: string;
  try {
    text = (await promisify(execFile)('go', ['env', 'GOVERSION'], { env: { ...env, GOTOOLCHAIN: 'local' } })).stdout;
  } catch (cause) {
    throw new RearflowError('ToolMissing', `${wanted}; no go command was found`, { hint, cause });
  }
  const [, major = '0', minor = '0'] = /go(\d+)\.(\d+)/.exec(text) ?? [];
  if (Number(major) * 1000 + Number(minor) < 1024) {
    throw new RearflowError('ToolMissing', `${wanted}; found ${text.trim()}`, { hint });
  }
  await checkDisk(cacheDir, diskToBuild);
  return freemem() < twoBuildsFrom ? 1 : 2;
}

async function checkDisk(dir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  if (bavail * bsize >= bytes) return;
  throw new RearflowError('MachineTooSmall', `${gib(bytes)} disk needed in ${dir}, ${gib(bavail * bsize)} free`);
}

/** Node's report names the C library's version only when it is glibc. */
function isGlibc(): boolean {
  const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime !== undefined;
}

function gib(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
