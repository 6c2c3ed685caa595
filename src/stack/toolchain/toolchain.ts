import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import type { OnProgress } from '../progress.ts';
import { buildTool } from './build.ts';
import { toolFolder } from './cache.ts';
import { cacheFolder, type Environment } from '../../platform/cache-folder.ts';
import { findTool } from './find.ts';
import { liqoFiles } from './liqo-files.ts';
import type { LiqoFiles } from './liqo-files.ts';
import { checkBuilder } from './machine.ts';
import { toolNames, tools } from './tools.ts';
import type { Tool, ToolName } from './tools.ts';

/** Absolute paths of everything the stack runs. */
export interface Toolchain {
  readonly paths: Readonly<Record<ToolName, string>>;
  readonly liqo: LiqoFiles;
}

export interface ToolchainOptions {
  readonly env: Environment;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** Folder of the pinned Go modules. */
export const toolsDir = fileURLToPath(new URL('../../../tools', import.meta.url));

/**
 * Finds every tool, and builds those that are nowhere (variable → PATH → cache → Go build, two at a time).
 *
 * @throws RearflowError `ToolMissing` or `MachineTooSmall` before anything is built, `ToolMissing` when a build fails
 */
export async function ensureToolchain(options: ToolchainOptions): Promise<Toolchain> {
  const { env, onProgress } = options;
  const paths = new Map<ToolName, string>();
  const missing: Tool[] = [];
  const look = async (tool: Tool): Promise<void> => {
    const found = await findTool(tool, toolsDir, env);
    if (!found) {
      missing.push(tool);
      return;
    }
    paths.set(tool.name, found.path);
    onProgress({ kind: 'tool', tool: tool.name, state: 'found', detail: `${found.source}: ${found.path}` });
  };
  await Promise.all(tools.map(look));
  if (missing.length > 0) await buildMissing(missing, paths, options);
  const byName = Object.fromEntries(toolNames.map((name) => [name, paths.get(name) ?? ''])) as Record<ToolName, string>;
  return { paths: byName, liqo: await liqoFiles(toolsDir, env) };
}

async function buildMissing(
  missing: readonly Tool[],
  paths: Map<ToolName, string>,
  { env, onProgress, signal }: ToolchainOptions,
): Promise<void> {
  await mkdir(cacheFolder(env), { recursive: true });
  const names = missing.map((tool) => tool.name);
  const limit = pLimit(await checkBuilder(cacheFolder(env), names, env));
  const failing = new AbortController();
  const stop = AbortSignal.any([failing.signal, ...(signal ? [signal] : [])]);
  const build = async (tool: Tool): Promise<void> => {
    stop.throwIfAborted();
    const since = Date.now();
    onProgress({ kind: 'tool', tool: tool.name, state: 'building', expectedSeconds: tool.expectedSeconds });
    const path = await buildTool({
      tool,
      toolsDir,
      folder: await toolFolder(tool, toolsDir, env),
      env,
      onWait: (pid) => onProgress({ kind: 'tool', tool: tool.name, state: 'waiting', pid }),
      alreadyThere: async () => (await findTool(tool, toolsDir, env)) !== undefined,
      signal: stop,
    });
    paths.set(tool.name, path);
    const detail = `${Math.round((Date.now() - since) / 1000)} s, ${tool.megabytes} MB`;
    onProgress({ kind: 'tool', tool: tool.name, state: 'built', detail });
  };
  // In the table's order (longest first), not in the order the look-ups ended.
  const ordered = tools.filter((tool) => missing.includes(tool));
  const ended = ordered.map(async (tool) => {
    await limit(build, tool).catch((error: unknown) => failing.abort(error));
  });
  // The first failure ends the other builds; none goes on behind it.
  await Promise.all(ended);
  signal?.throwIfAborted();
  failing.signal.throwIfAborted();
}
