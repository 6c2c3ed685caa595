import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { RearflowError } from '../../platform/errors.ts';
import { toolFolder } from './cache.ts';
import type { Environment } from '../../platform/cache-folder.ts';
import type { Tool } from './tools.ts';

export interface Found {
  readonly path: string;
  readonly source: 'variable' | 'PATH' | 'cache';
}

/** Name of the variable that points at a tool, for example `REARFLOW_TOOL_KUBE_APISERVER`. */
export function toolVariable(tool: Tool): string {
  return `REARFLOW_TOOL_${tool.name.replaceAll('-', '_').toUpperCase()}`;
}

/**
 * Looks for a tool: its variable, then PATH (only with the right `--version`), then the cache.
 *
 * @param toolsDir folder of the Go modules (`tools/`)
 * @returns undefined when it has to be built
 * @throws RearflowError `ToolMissing` when the variable points at nothing executable
 */
export async function findTool(tool: Tool, toolsDir: string, env: Environment): Promise<Found | undefined> {
  const variable = toolVariable(tool);
  const pointed = env[variable];
  if (pointed) {
    if (await executable(pointed)) return { path: pointed, source: 'variable' };
    throw new RearflowError('ToolMissing', `${variable} points at ${pointed}, which is no executable file`, {
      field: variable,
      hint: `Correct ${variable}, or unset it to have ${tool.name} ${tool.version} built.`,
    });
  }
  const onPath = await findOnPath(tool, env);
  if (onPath) return { path: onPath, source: 'PATH' };
  const cached = join(await toolFolder(tool, toolsDir, env), tool.name);
  return (await executable(cached)) ? { path: cached, source: 'cache' } : undefined;
}

async function findOnPath(tool: Tool, env: Environment): Promise<string | undefined> {
  if (!tool.versionText) return undefined;
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (!folder) continue;
    const candidate = join(folder, tool.name);
    if ((await executable(candidate)) && (await hasVersion(candidate, tool.versionText))) return candidate;
  }
  return undefined;
}

async function hasVersion(path: string, text: string): Promise<boolean> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, ['--version'], { timeout: 5_000 });
    const at = `${stdout}\n${stderr}`.split(text)[1];
    // The next character must not continue the number: 1.36.3 is not 1.36.30.
    return at !== undefined && !/^[\d.]*\d/.test(at);
  } catch {
    return false;
  }
}

async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
