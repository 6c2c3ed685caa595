import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { identify } from '../process-identity.ts';
import { withLock } from './lock.ts';

async function inFolder(body: (lock: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rearflow-lock-'));
  try {
    await body(join(folder, 'lock'), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('only one holds it at a time, and nothing is left', async () => {
  await inFolder(async (lock, folder) => {
    let inside = 0;
    let most = 0;
    const waits: number[] = [];
    const hold = async (): Promise<void> =>
      withLock(
        lock,
        (pid) => waits.push(pid),
        async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
        },
      );
    await Promise.all([hold(), hold(), hold()]);
    expect(most).toBe(1);
    expect(waits).toContain(process.pid);
    expect(await readdir(folder)).toEqual([]);
  });
});

test('the lock of a process that is gone, also one whose number lives on, is taken over', async () => {
  await inFolder(async (lock) => {
    await mkdir(lock);
    await writeFile(join(lock, 'holder.json'), JSON.stringify({ ...identify(process.pid), startTime: '1' }));
    expect(
      await withLock(
        lock,
        () => undefined,
        async () => 'mine',
      ),
    ).toBe('mine');
  });
});

test('a failing body gives the lock back', async () => {
  await inFolder(async (lock, folder) => {
    const failing = withLock(
      lock,
      () => undefined,
      async () => Promise.reject(new Error('no')),
    );
    await expect(failing).rejects.toThrow('no');
    expect(await readdir(folder)).toEqual([]);
  });
});
