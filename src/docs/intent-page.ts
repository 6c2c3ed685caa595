import { checkIntent } from '../client/check-intent.ts';
import { intentJsonSchema, type FieldSchema } from '../client/known-fields.ts';

interface FieldRow {
  readonly path: string;
  readonly schema: FieldSchema;
  readonly required: boolean;
}

const header = `<!-- Generated from src/schemas/intent.ts by scripts/generate-docs.ts; do not edit. -->

# The intent

An intent is one YAML or JSON object. The same object is the input of \`rearflow submit\`, of the typed client and of
\`temporal workflow start --type intent\`. \`docs/intent.schema.json\` is its JSON Schema; editors complete and check with it.
A field that is not listed here is refused, with the nearest known name.

Quantities are Kubernetes quantities (\`500m\`, \`2\`, \`4Gi\`); lengths of time are a whole number and \`ms\`, \`s\`, \`m\`, \`h\` or
\`d\`. Complete intents: [examples/intents](../examples/intents).
`;

/** Reference of every field of an intent, as Markdown. */
export function intentPage(): string {
  const schema = intentJsonSchema();
  const { workload, ...rest } = schema.properties ?? {};
  const kinds = workload?.oneOf ?? workload?.anyOf ?? [];
  const general = rows({ ...schema, properties: rest }, '');
  const parts = kinds.map((kind) => {
    const name = String(kind.properties?.['kind']?.const);
    return `### \`workload.kind: ${name}\`\n\n${table(rows(kind, 'workload.'))}`;
  });
  const about = `## The workload\n\n${workload?.description ?? ''} Its \`kind\` decides which fields it has.`;
  return [header, '## Fields', table(general), about, ...parts].join('\n\n');
}

/** A field and all below it, depth first. */
function rows(schema: FieldSchema, prefix: string): FieldRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix + name;
    const row = { path, schema: field, required: schema.required?.includes(name) === true };
    const inner = field.type === 'array' ? rows(field.items ?? {}, `${path}[].`) : rows(field, `${path}.`);
    return [row, ...inner];
  });
}

function table(fields: readonly FieldRow[]): string {
  const lines = fields.map(({ path, schema, required }) => {
    const cells = [
      `\`${path}\``,
      typeText(schema),
      defaultText(path, schema, required),
      limits(schema),
      schema.description ?? '',
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| field | type | default | limits | meaning |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}

function typeText(schema: FieldSchema): string {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return [...new Set(variants.map(typeText))].join(' or ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (typeof schema.additionalProperties === 'object' && !schema.properties) {
    return schema.additionalProperties.type === 'string' ? 'map of strings' : 'object';
  }
  if (schema.not !== undefined) return 'nothing';
  if (schema.limits !== undefined) return 'length of time';
  // A quantity may be written as text or as a number.
  if (typeof schema.type === 'object') return 'quantity';
  return schema.type ?? 'any';
}

function defaultText(path: string, schema: FieldSchema, required: boolean): string {
  if (schema.default !== undefined) {
    return typeof schema.default === 'object' ? 'its parts’' : `\`${String(schema.default)}\``;
  }
  if (required) return '**required**';
  const filled = filledIn(path);
  return filled === undefined ? 'none' : `\`${filled}\``;
}

/** What an intent without the field gets: JSON Schema loses the defaults of quantities. */
function filledIn(path: string): string | undefined {
  const workload = { kind: 'deployment', image: 'image' };
  const least = checkIntent({ name: 'name', resources: { cpu: '1', memory: '1Gi' }, workload });
  const value = path
    .split('.')
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], least);
  return typeof value === 'string' ? value : undefined;
}

function limits(schema: FieldSchema): string {
  if (schema.limits !== undefined) return schema.limits;
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems } = schema;
  const range = between(minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1), maximum, '');
  return [range, between(minLength, maxLength, ' characters'), between(minItems, maxItems, ' items')]
    .filter((text) => text !== '')
    .join(', ');
}

function between(low: number | undefined, high: number | undefined, unit: string): string {
  if (low === undefined && high === undefined) return '';
  if (low === undefined) return `at most ${high}${unit}`;
  return high === undefined || high >= Number.MAX_SAFE_INTEGER ? `at least ${low}${unit}` : `${low} to ${high}${unit}`;
}
