import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, type Environment } from '../../platform/cache-folder.ts';
import type { Tool } from './tools.ts';

/** Everything that is given to the linker; part of the cache key. */
export function linkerFlags(tool: Tool): string {
  return `-s -w ${tool.ldflags}`.trim();
}

/**
 * Folder of one tool in the cache. Its name changes with the version, the pinned dependencies and the flags, so that
 * what is found there is what a build would give.
 */
export async function toolFolder(tool: Tool, toolsDir: string, env: Environment): Promise<string> {
  const sum = await readFile(join(toolsDir, tool.module, 'go.sum'));
  const hash = createHash('sha256')
    .update(sum)
    .update(`\n${tool.package}\n${linkerFlags(tool)}`)
    .digest('hex');
  return join(cacheFolder(env), 'toolchain', `${tool.name}-${tool.version}-${hash.slice(0, 12)}`);
}
