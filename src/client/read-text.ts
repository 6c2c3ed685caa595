import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

/**
 * Text of a file; `-` is standard input, waited for to its end: a synchronous read of a pipe that is still empty fails.
 *
 * @throws NodeJS.ErrnoException
 */
export async function readText(file: string): Promise<string> {
  return file === '-' ? text(process.stdin) : readFile(file, 'utf8');
}
