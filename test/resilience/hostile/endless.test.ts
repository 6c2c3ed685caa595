import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ends = /scheduleToCloseTimeout|maximumAttempts/;
const folder = fileURLToPath(new URL('../../../src/workflows/', import.meta.url));

const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** Whether options have an end, their own or that of what they are made of. */
const hasEnd = (options: string, known: ReadonlySet<string>): boolean =>
  ends.test(options) || [...options.matchAll(/\w+/g)].some(([word]) => known.has(word));

/** Named options that have an end. @param before such of other files */
function bounded(text: string, before: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const names = new Set(before);
  for (const [, name = '', body = ''] of text.matchAll(/^ *(?:export )?const (\w+) =([\s\S]*?);\n/gm))
    if (hasEnd(body, names) && !body.includes('proxyActivities')) names.add(name);
  return names;
}

test('no activity is retried without an end that a person set', () => {
  const shared = bounded(readFileSync(join(folder, 'activity-options.ts'), 'utf8'));
  expect([...shared].toSorted()).toEqual(['asking', 'insisting', 'lasting', 'making', 'undoing', 'writing'].toSorted());
  const calls = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/proxyActivities<\w+>\(([\s\S]*?)\);\n/g)].map(([, options = '']) => {
      return { name, options, ended: hasEnd(options, bounded(text, shared)) };
    }),
  );
  expect(calls.length).toBeGreaterThan(30);
  const endless = calls.filter(({ ended }) => !ended).map(({ name, options }) => `${name}: ${options}`);
  expect(endless).toEqual([]);
});
