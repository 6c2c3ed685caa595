import { readdir, readFile, readlink } from 'node:fs/promises';

/** Processes that name a folder in their arguments or work in it. */
export async function processesOf(dir: string): Promise<string[]> {
  const all = (await readdir('/proc')).filter((each) => /^\d+$/.test(each));
  const found = await Promise.all(
    all.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return words.includes(dir) || cwd.startsWith(dir) ? [pid] : [];
    }),
  );
  return found.flat();
}
