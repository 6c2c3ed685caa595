import fc from 'fast-check';
import { z } from 'zod';
import type { Chance } from '../soak/chance.ts';
import { ordinaryText } from './texts.ts';

type Json = z.core.JSONSchema.BaseSchema;

const known = new WeakMap<z.ZodType, fc.Arbitrary<unknown>>();

/** A value that a schema describes; what zod checks beyond JSON Schema may still refuse it. */
export function fromSchema(schema: z.ZodType, chance: Chance): unknown {
  const arbitrary = known.get(schema) ?? arbitraryOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  known.set(schema, arbitrary);
  return fc.sample(arbitrary, { seed: chance.int(0x7fffffff), numRuns: 1 })[0];
}

function arbitraryOf(schema: Json | boolean | undefined): fc.Arbitrary<unknown> {
  if (schema === undefined || typeof schema === 'boolean') return fc.jsonValue({ maxDepth: 2 });
  const { anyOf, oneOf, enum: values, type } = schema;
  if ('const' in schema) return fc.constant(schema.const);
  if (values) return fc.constantFrom(...values);
  const branches = anyOf ?? oneOf;
  if (branches) return fc.oneof(...branches.map((each) => arbitraryOf(each)));
  const types: readonly (string | undefined)[] = Array.isArray(type) ? type : [type];
  return fc.oneof(...types.map((each) => ofType(each, schema)));
}

function ofType(type: string | undefined, schema: Json): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(arbitraryOf(schema.items as Json), { maxLength: Math.min(schema.maxItems ?? 4, 4) });
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.maxSafeInteger().map((value) => within(schema, value));
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 64 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case undefined:
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Json): fc.Arbitrary<unknown> {
  const shape = Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, arbitraryOf(each)]));
  const record = fc.record(shape, { requiredKeys: required, noNullPrototype: true });
  if (additionalProperties === undefined || additionalProperties === false) return record;
  const more = fc.dictionary(fc.string({ maxLength: 20 }), arbitraryOf(additionalProperties as Json), { maxKeys: 4 });
  return fc.tuple(record, more).map(([own, rest]) => ({ ...rest, ...own }));
}

function textOf({ pattern, format, minLength = 0, maxLength = 64 }: Json): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const short = fc.string({ minLength, maxLength: Math.min(maxLength, 40) });
  const longest = fc.constant('y'.repeat(maxLength));
  return fc.oneof({ arbitrary: fc.constantFrom(...ordinaryText), weight: 6 }, { arbitrary: short, weight: 3 }, longest);
}

const within = ({ minimum = -Infinity, maximum = Infinity }: Json, value: number): number =>
  Math.min(Math.max(value, Number(minimum)), Number(maximum));
