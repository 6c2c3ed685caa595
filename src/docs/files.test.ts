import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { docFiles } from './files.ts';

test.each(['docs/intent.md', 'docs/errors.md', 'docs/intent.schema.json'])(
  '%s is what scripts/generate-docs.ts writes',
  async (path) => {
    const committed = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect((await docFiles()).get(path)).toBe(committed);
  },
);

test('every field of the schema is in the page, with its meaning', async () => {
  const page = (await docFiles()).get('docs/intent.md') ?? '';
  for (const field of [
    'name',
    'resources.cpu',
    'maxPrice.period',
    'approval.within',
    'workload.replicas',
    'workload.objects',
  ]) {
    expect(page).toContain(`\`${field}\``);
  }
});
