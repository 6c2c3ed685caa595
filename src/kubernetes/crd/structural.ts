import { z } from 'zod';

/** A structural OpenAPI v3 schema, as CustomResourceDefinitions take it. */
export type StructuralSchema = Readonly<Record<string, unknown>>;

type Json = Record<string, unknown>;

const preserve = { 'x-kubernetes-preserve-unknown-fields': true };
const plainKeys = ['description', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum', 'enum'];

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmptySchema(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function convertObject(schema: Json, path: string): Json {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const names = Object.keys(properties);
  const extra = schema['additionalProperties'];
  const fields = Object.fromEntries(names.map((name) => [name, convert(properties[name], `${path}.${name}`)]));
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const map = isObject(extra) && !isEmptySchema(extra);
  if (map && names.length > 0)
    throw new TypeError(`${path}: fields and additionalProperties exclude each other in a CRD`);
  return {
    ...(names.length > 0 ? { properties: fields } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(map ? { additionalProperties: convert(extra, `${path}.*`) } : {}),
    ...(isEmptySchema(extra) ? preserve : {}),
  };
}

function convertAlternatives(choices: readonly unknown[], rest: Json, path: string): Json {
  const others = choices.filter((choice) => !(isObject(choice) && choice['type'] === 'null'));
  const [only] = others;
  if (others.length !== 1 || !isObject(only)) {
    throw new TypeError(`${path}: a CRD cannot choose between types; use a loose object`);
  }
  return { ...convert({ ...only, ...rest }, path), nullable: true };
}

function convert(source: unknown, path: string): Json {
  if (!isObject(source)) throw new TypeError(`${path}: not a schema`);
  const { anyOf, ...rest } = source;
  if (Array.isArray(anyOf)) return convertAlternatives(anyOf, rest, path);
  const kept: Json = {};
  for (const key of plainKeys) if (source[key] !== undefined) kept[key] = source[key];
  for (const key of Object.keys(source)) if (key.startsWith('x-kubernetes-')) kept[key] = source[key];
  const types = [source['type']].flat();
  const [type] = types.filter((name) => name !== 'null');
  if (types.length > 1 && types.includes('null')) return { ...convert({ ...source, type }, path), nullable: true };
  if (type === undefined) return { ...kept, ...preserve };
  if (typeof type !== 'string' || types.length > 1) throw new TypeError(`${path}: a CRD field has exactly one type`);
  kept['type'] = type;
  if (source['const'] !== undefined) kept['enum'] = [source['const']];
  if (type === 'object') return { ...kept, ...convertObject(source, path) };
  if (type === 'array') return { ...kept, items: convert(source['items'] ?? {}, `${path}[]`) };
  if (type === 'string') {
    if (source['format'] === 'date-time') return { ...kept, format: 'date-time' };
    return source['pattern'] === undefined ? kept : { ...kept, pattern: source['pattern'] };
  }
  if (type === 'integer') {
    if (kept['maximum'] === Number.MAX_SAFE_INTEGER) delete kept['maximum'];
    return { ...kept, format: 'int64' };
  }
  return kept;
}

/**
 * Turns a zod schema into the structural schema of a CRD: closed objects prune, loose ones preserve, `null` becomes
 * nullable, a free value preserves whatever it holds.
 *
 * @throws TypeError naming the field that a CRD cannot express (a choice between types)
 */
export function structuralSchema(schema: z.ZodType, path: string): StructuralSchema {
  return convert(z.toJSONSchema(schema, { io: 'input' }), path);
}
