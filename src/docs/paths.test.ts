import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const exists = (path: string): boolean =>
  ['', 'src'].some((folder) => ['', '.ts'].some((ending) => existsSync(join(root, folder, path + ending))));

test.each(pages)('every file that %s names is there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const named = [...text.matchAll(/`([\w-]+(?:\/[\w.-]+)+)`/g)].flatMap(([, path = '']) => path);
  const files = named.filter((path) =>
    /^(src|test|bench|scripts|deploy|packages|activities|workflows|gateway|rear|liqo|market|messages|tables|kubernetes|controllers|runtime|schemas|signing|workload|validation|platform)\//.test(
      path,
    ),
  );
  expect(files.filter((path) => !exists(path))).toEqual([]);
});
