import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { crdFiles } from './files.ts';
import { structuralSchema } from './structural.ts';

const folder = new URL('../../../deploy/crds/', import.meta.url);

test('the committed CRDs are the generated ones (else run scripts/generate-crds.ts)', () => {
  const files = crdFiles();
  expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(new URL(name, folder), 'utf8')).toBe(text);
});

test('a closed object prunes, a loose one preserves, null is nullable, an integer is bounded by its own rules only', () => {
  const schema = z.object({
    closed: z.object({ a: z.string().regex(/^a/) }),
    loose: z.looseObject({ n: z.int().min(1) }).optional(),
    maybe: z.string().nullish(),
    free: z.unknown().optional(),
    map: z.record(z.string(), z.number()).optional(),
    at: z.iso.datetime().optional(),
    empty: z.literal('').optional(),
  });
  expect(structuralSchema(schema, 'x')).toEqual({
    type: 'object',
    required: ['closed'],
    properties: {
      closed: { type: 'object', required: ['a'], properties: { a: { type: 'string', pattern: '^a' } } },
      loose: {
        type: 'object',
        required: ['n'],
        properties: { n: { type: 'integer', format: 'int64', minimum: 1 } },
        'x-kubernetes-preserve-unknown-fields': true,
      },
      maybe: { type: 'string', nullable: true },
      free: { 'x-kubernetes-preserve-unknown-fields': true },
      map: { type: 'object', additionalProperties: { type: 'number' } },
      at: { type: 'string', format: 'date-time' },
      empty: { type: 'string', enum: [''] },
    },
  });
});

test('a choice between types is refused with the name of the field', () => {
  const schema = z.object({ either: z.union([z.string(), z.number()]) });
  expect(() => structuralSchema(schema, 'Flavor.spec')).toThrow('Flavor.spec.either');
});
