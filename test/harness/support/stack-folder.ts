import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { endProcesses, living } from '../../../src/stack/journal.ts';

/** A folder for the stack of each test; whatever a test leaves running there is ended after it. */
export function stackFolder(): { readonly parent: () => string; readonly dir: () => string } {
  let parent = '';
  const dir = (): string => join(parent, 'stack');
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'rearflow-stack-'));
  });
  afterEach(async () => {
    await endProcesses(
      living(dir()).filter(({ pid }) => pid !== process.pid),
      1_000,
    );
    await rm(parent, { recursive: true, force: true });
  });
  return { parent: () => parent, dir };
}
