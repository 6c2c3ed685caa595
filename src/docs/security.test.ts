import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

/** Names in the last column of the tables of threats. */
function namedTests(): string[] {
  const rows = read('docs/security.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.split('|').length === 5 && !line.startsWith('| threat'));
  const cells = rows.map((row) => row.split('|')[3] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

test('every test that the page on security names exists', () => {
  const files = globSync('{src,test}/**/*.test.ts', { cwd: root });
  const suites = files.map(read).join('\n');
  const names = namedTests().filter((name) => !name.endsWith('.ts'));
  expect(names.length).toBeGreaterThan(60);
  expect(names.filter((name) => !suites.includes(name) && !suites.includes(name.replaceAll("'", "\\'")))).toEqual([]);
});
