import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';

const pollMs = 200;

/**
 * Runs `body` while this process alone holds the folder `path`. The lock of a process that no longer runs is taken over.
 *
 * @param onWait called once when another process holds the lock
 */
export async function withLock<T>(path: string, onWait: (pid: number) => void, body: () => Promise<T>): Promise<T> {
  const self = identify(process.pid);
  const draft = `${path}.${process.pid}.${crypto.randomUUID()}`;
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, 'holder.json'), JSON.stringify(self));
  let told = false;
  let held = false;
  try {
    // Renaming a folder onto a folder that is not empty fails: whoever renames first holds it, with its name inside.
    while (!(await tryRename(draft, path))) {
      const holder = await readHolder(path);
      if (holder && !isAlive(holder)) {
        // Only one of several waiters can move it away. Should it move a new holder's lock in that instant, two build
        // the same thing; both results are put in place by a rename and are equal.
        const dead = `${draft}.dead`;
        if (await tryRename(path, dead)) await rm(dead, { recursive: true, force: true });
        continue;
      }
      if (holder && !told) onWait(holder.pid);
      told = true;
      await delay(pollMs);
    }
    held = true;
    return await body();
  } finally {
    await rm(held ? path : draft, { recursive: true, force: true });
  }
}

async function tryRename(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(join(path, 'holder.json'), 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
