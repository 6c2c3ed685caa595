import { execFile } from 'node:child_process';
import { access, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RearflowError } from '../../platform/errors.ts';
import { cacheFolder, type Environment } from '../../platform/cache-folder.ts';

/** What Liqo's chart installs and its binaries do not bring along. */
export interface LiqoFiles {
  /** Folder of the 28 CRDs, one YAML file each. */
  readonly crds: string;
  /** Folder of `liqo-<name>-{Cluster,}Role.yaml`: only the `rules`. */
  readonly roles: string;
}

const version = 'v1.2.0';
const parts = { crds: 'deployments/liqo/charts/liqo-crds/crds', roles: 'deployments/liqo/files' } as const;

/**
 * Liqo's CRDs and roles, from the cache; the first time they are copied there from Liqo's Go module, so that later
 * starts need no Go.
 *
 * @throws RearflowError `ToolMissing` when they are not cached and the module cannot be had
 */
export async function liqoFiles(toolsDir: string, env: Environment): Promise<LiqoFiles> {
  const folder = join(cacheFolder(env), 'toolchain', `liqo-files-${version}`);
  const files = { crds: join(folder, 'crds'), roles: join(folder, 'roles') };
  if (await exists(folder)) return files;
  const source = await moduleFolder(join(toolsDir, 'liqo'), env);
  const draft = `${folder}.${process.pid}.draft`;
  await rm(draft, { recursive: true, force: true });
  await copyFiles(join(source, parts.crds), join(draft, 'crds'));
  await copyFiles(join(source, parts.roles), join(draft, 'roles'));
  try {
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  }
  return files;
}

/** By content: files of the module cache are read-only, and copies that keep that could not be cleaned up. */
async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const names = await readdir(from);
  await Promise.all(names.map(async (name) => writeFile(join(to, name), await readFile(join(from, name)))));
}

async function moduleFolder(cwd: string, env: Environment): Promise<string> {
  try {
    const goEnv = { ...env, GOTOOLCHAIN: 'auto', GOWORK: 'off' };
    const run = promisify(execFile);
    const { stdout } = await run('go', ['mod', 'download', '-json', `github.com/liqotech/liqo@${version}`], {
      cwd,
      env: goEnv,
    });
    return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
  } catch (cause) {
    throw new RearflowError('ToolMissing', `Liqo ${version}: its CRD files could not be fetched as a Go module`, {
      cause,
      hint: 'Install Go 1.24 or newer and make the Go module proxy reachable for the first start.',
    });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
