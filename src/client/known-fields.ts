import { z } from 'zod';
import { IntentInput } from '../schemas/intent.ts';

/** The part of JSON Schema that describes an intent. */
export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  /** Of a length of time, which JSON Schema has no words for. */
  readonly limits?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties?: FieldSchema | boolean;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
  readonly oneOf?: readonly FieldSchema[];
  readonly not?: FieldSchema;
}

/** JSON Schema of an intent as users write it. */
export function intentJsonSchema(): FieldSchema {
  return z.toJSONSchema(IntentInput, { io: 'input' }) as FieldSchema;
}

/**
 * Schema of the field at a path.
 *
 * @param draft what the user wrote: its `kind` chooses among the kinds of workload
 * @returns undefined when there is no such field
 */
export function schemaAt(path: readonly PropertyKey[], draft: unknown): FieldSchema | undefined {
  let schema: FieldSchema | undefined = intentJsonSchema();
  let value = draft;
  for (const step of path) {
    schema = typeof step === 'number' ? schema?.items : chosen(schema, value)?.properties?.[String(step)];
    value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[step];
  }
  return schema === undefined ? undefined : chosen(schema, value);
}

function chosen(schema: FieldSchema | undefined, value: unknown): FieldSchema | undefined {
  const variants = schema?.oneOf ?? schema?.anyOf;
  const kind = (value as { readonly kind?: unknown } | null | undefined)?.kind;
  if (variants === undefined || kind === undefined) return schema;
  return variants.find((variant) => variant.properties?.['kind']?.const === kind) ?? schema;
}
