import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { cachedFile } from './file-cache.ts';

const parent = mkdtempSync(join(tmpdir(), 'rearflow-kept-'));
afterAll(() => rmSync(parent, { recursive: true }));

let count = 0;
function world(): { folder: string; made: string[]; troubles: string[]; get(name: string): Promise<string> } {
  const folder = join(parent, String((count += 1)));
  const made: string[] = [];
  const troubles: string[] = [];
  const get = (name: string): Promise<string> => {
    const make = (): Promise<string> => {
      made.push(name);
      return Promise.resolve(`text of ${name}\n`);
    };
    return cachedFile(join(folder, name), make, (trouble) => void troubles.push(trouble));
  };
  return { folder, made, troubles, get };
}

test('is made once per name and read after that', async () => {
  const { get, made } = world();
  for (const name of ['a', 'a', 'b', 'a', 'b']) expect(await get(name)).toBe(`text of ${name}\n`);
  expect(made).toEqual(['a', 'b']);
});

test.each(['cut', 'emptied', 'changed'])('one that was %s is made again', async (how) => {
  const { folder, get, made } = world();
  await get('a');
  const file = join(folder, 'a');
  if (how === 'cut') truncateSync(file, 75);
  if (how === 'emptied') truncateSync(file, 0);
  if (how === 'changed') writeFileSync(file, readFileSync(file, 'utf8').replace('text', 'test'));
  expect(await get('a')).toBe('text of a\n');
  expect(await get('a')).toBe('text of a\n');
  expect(made).toEqual(['a', 'a']);
});

test('made by several at once it is whole, and nothing else stays in the folder', async () => {
  const { folder, get, troubles } = world();
  const texts = await Promise.all(Array.from({ length: 20 }, () => get('a')));
  expect(new Set(texts)).toEqual(new Set(['text of a\n']));
  expect(readdirSync(folder)).toEqual(['a']);
  expect(troubles).toEqual([]);
});

test('only the eight that were used last stay', async () => {
  const { folder, get } = world();
  for (const name of 'abcdefghij') await get(name);
  expect(readdirSync(folder)).toHaveLength(8);
  expect(readdirSync(folder)).toContain('j');
});

test('where nothing can be kept it is still made, and told', async () => {
  const { folder, get, troubles } = world();
  writeFileSync(folder, 'no folder');
  expect(await get('a')).toBe('text of a\n');
  expect(troubles).toHaveLength(1);
});
