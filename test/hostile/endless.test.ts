import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

/** Workflows of the seller's side; what an intent does ends with its own deadlines. */
const sellers = /^(contract|inventory|pair|sweep|repair|node|put-back|offloading)/;
const ends = /scheduleToCloseTimeout|maximumAttempts/;
const folder = fileURLToPath(new URL('../../src/workflows/', import.meta.url));

const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => sellers.test(name) && name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** Named options that have an end, their own or that of what they spread. */
function bounded(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, name = '', body = ''] of text.matchAll(/export const (\w+) =([\s\S]*?)(?=\nexport|\n\/\*\*|$)/g)) {
    const spread = [...body.matchAll(/\.\.\.(\w+)/g)].some(([, other = '']) => names.has(other));
    if (ends.test(body) || spread) names.add(name);
  }
  return names;
}

test('no activity of a seller is retried without an end', () => {
  const named = bounded(readFileSync(join(folder, 'activity-options.ts'), 'utf8'));
  const calls = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/proxyActivities<\w+>\(([\s\S]*?)\);\n/g)].map(([, options = '']) => ({ name, options })),
  );
  expect(calls.length).toBeGreaterThan(15);
  const endless = calls.filter(
    ({ options }) => !ends.test(options) && ![...options.matchAll(/\w+/g)].some(([word]) => named.has(word)),
  );
  expect(endless).toEqual([]);
});
