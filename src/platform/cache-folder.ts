import { homedir } from 'node:os';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where things are kept that can be made again: `REARFLOW_CACHE`, else `XDG_CACHE_HOME/rearflow`, else `~/.cache/rearflow`. */
export function cacheFolder(env: Environment): string {
  return env['REARFLOW_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rearflow');
}
