import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RearflowError } from '../platform/errors.ts';
import { endProcesses, isStackFolder, living, ownerName, record } from './journal.ts';
import { withLock } from './toolchain/lock.ts';

const graceMs = 2_000;

/**
 * Makes `dir` the empty folder of a new stack owned by this process. What a killed run left there, processes and files,
 * is ended and removed first.
 *
 * @throws RearflowError `StackFailed` when a stack runs there, `InvalidConfig` when the folder holds something else
 */
export async function claimFolder(dir: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  await withLock(
    `${dir}.lock`,
    () => undefined,
    async () => {
      await refuseForeign(dir);
      const left = living(dir);
      const owner = left.find((entry) => entry.name === ownerName);
      // A failed start of this same process leaves only its own name behind.
      if (owner && (owner.pid !== process.pid || left.length > 1)) {
        throw new RearflowError('StackFailed', `a stack runs in ${dir} already (process ${owner.pid})`, {
          hint: 'Stop it with `rearflow stack down`, or choose another name.',
        });
      }
      await endProcesses(
        left.filter((entry) => entry !== owner),
        graceMs,
      );
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true, mode: 0o700 });
      record(dir, ownerName, process.pid);
    },
  );
}

async function refuseForeign(dir: string): Promise<void> {
  let content: readonly string[];
  try {
    content = await readdir(dir);
  } catch {
    return;
  }
  if (content.length === 0 || isStackFolder(dir)) return;
  throw new RearflowError('InvalidConfig', `${dir} is not empty and was not made by a stack`, {
    field: 'dir',
    hint: 'Choose a folder that does not exist yet.',
  });
}
