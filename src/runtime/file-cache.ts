import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How many texts of a folder are kept: those used last. */
const most = 8;

const digest = (text: string): string => `// ${createHash('sha256').update(text).digest('hex')}\n`;

/**
 * A text that takes long to make: made once and then read from `file`, whose name says what it was made from.
 *
 * Several processes may make it at once: each puts a whole file in place. One that was damaged is made again; where
 * nothing can be kept (a full disk, a read-only one) it is made every time.
 *
 * @param onTrouble told when it could not be kept
 */
export async function cachedFile(
  file: string,
  make: () => Promise<string>,
  onTrouble: (text: string) => void,
): Promise<string> {
  const kept = await read(file);
  if (kept !== undefined) return kept;
  const text = await make();
  const draft = `${file}.${String(process.pid)}.${crypto.randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, digest(text) + text);
    await rename(draft, file);
    await forget(dirname(file));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    onTrouble(`${basename(file)} could not be kept: ${(error as Error).message}`);
  }
  return text;
}

async function read(file: string): Promise<string | undefined> {
  try {
    const whole = await readFile(file, 'utf8');
    const text = whole.slice(digest('').length);
    if (!whole.startsWith(digest(text))) return undefined;
    const now = new Date();
    await utimes(file, now, now).catch(() => undefined);
    return text;
  } catch {
    return undefined;
  }
}

/** Takes away the ones that were not used for longest, drafts of killed processes among them. */
async function forget(folder: string): Promise<void> {
  const files = (await readdir(folder)).map((name) => join(folder, name));
  // Another process may have taken its own draft away meanwhile.
  const at = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  const used = await Promise.all(files.map(async (file) => ({ file, at: await at(file) })));
  used.sort((a, b) => b.at - a.at);
  await Promise.all(used.slice(most).map(({ file }) => rm(file, { force: true })));
}
