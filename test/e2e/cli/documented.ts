import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './command.ts';

export interface Documented {
  readonly file: string;
  /** As it stands, without the comment behind it. */
  readonly line: string;
}

/**
 * Lines of the `sh` blocks of a page. A block right behind a comment `<!-- not run: reason -->` is left out.
 *
 * @param file path in the repository
 */
export async function documentedIn(file: string): Promise<Documented[]> {
  const text = await readFile(join(root, file), 'utf8');
  const blocks = text.matchAll(/(<!-- not run: [^>]+ -->\n+)?```sh\n([^]*?)\n```/g);
  return [...blocks]
    .filter(([, excluded]) => excluded === undefined)
    .flatMap(([, , body = '']) => body.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ file, line }));
}

/**
 * One shell script of all lines, as a user would type them into one terminal: `npx rearflow` is the checkout's own. What a
 * line prints stands behind a line `@@ <number>`; the first that fails ends the script.
 */
export function scriptOf(lines: readonly Documented[]): string {
  const start = 'set -e -o pipefail\nnpx() { [ "$1" = rearflow ] || return 127; shift; node bin/rearflow "$@"; }\n';
  return start + lines.map(({ line }, number) => `echo '@@ ${String(number)}'\n${line}\n`).join('');
}

/** Output of each line, in order; lines that were not reached are missing. */
export function outputsIn(text: string): string[] {
  return text.split(/^@@ \d+\n/m).slice(1);
}
