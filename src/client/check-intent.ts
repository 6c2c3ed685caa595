import type { z } from 'zod';
import { overbooked } from '../market/needs.ts';
import { RearflowError } from '../platform/errors.ts';
import { nearestName } from '../platform/nearest-name.ts';
import { IntentInput } from '../schemas/intent.ts';
import { checkPods } from './check-pods.ts';
import { schemaAt } from './known-fields.ts';

type Issue = z.core.$ZodIssue;

/**
 * Checks an intent as a user wrote it.
 *
 * @param where put before the message, for example the name of a file
 * @returns the intent with every default filled in
 * @throws RearflowError `InvalidIntent` naming the field (dotted path), the rule, and for an unknown field the nearest known name
 */
export function checkIntent(draft: unknown, where?: string): IntentInput {
  const parsed = IntentInput.safeParse(draft);
  const prefix = where === undefined ? '' : `${where}: `;
  if (parsed.success) {
    const tight = overbooked(parsed.data);
    if (!tight) {
      checkPods(parsed.data, undefined, where);
      return parsed.data;
    }
    throw new RearflowError('InvalidIntent', `${prefix}${tight.field}: ${tight.rule}`, {
      field: tight.field,
      hint: 'Ask for more, or let the workload have fewer pods or smaller requests.',
    });
  }
  const { field, rule } = firstProblem(parsed.error.issues, draft);
  throw new RearflowError('InvalidIntent', `${prefix}${field}${rule}`, field === '' ? {} : { field });
}

/** An unknown field is told before a missing one: it most likely is the missing one, misspelled. */
function firstProblem(issues: readonly Issue[], draft: unknown): { field: string; rule: string } {
  const unknown = issues.find(({ code }) => code === 'unrecognized_keys');
  const issue = unknown ?? issues[0];
  if (!issue) return { field: '', rule: 'is invalid' };
  if (issue.code === 'unrecognized_keys') return unknownField(issue.path, issue.keys[0] ?? '', draft);
  const field = issue.path.join('.');
  return { field, rule: `${field === '' ? 'the intent' : ''} ${ruleOf(issue, draft)}`.replace(/^ (?=[^ ])/, ': ') };
}

function unknownField(path: readonly PropertyKey[], key: string, draft: unknown): { field: string; rule: string } {
  const known = Object.keys(schemaAt(path, draft)?.properties ?? {});
  const nearest = nearestName(key, known);
  const advice = nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`;
  return { field: [...path, key].join('.'), rule: `: is no field of an intent; ${advice}` };
}

function ruleOf(issue: Issue, draft: unknown): string {
  const value = issue.path.reduce<unknown>(
    (at, step) => (at as Record<PropertyKey, unknown> | null | undefined)?.[step],
    draft,
  );
  if (value === undefined && issue.path.length > 0) return 'is missing';
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}, is ${article(typeName(value))}`;
  if (issue.code !== 'invalid_union') return issue.message.replace(/^Invalid (option|input): expected /, 'must be ');
  const variants = schemaAt(issue.path.slice(0, -1), { ...(draft as object), kind: undefined });
  const kinds = (variants?.oneOf ?? variants?.anyOf ?? []).flatMap(
    ({ properties }) => properties?.['kind']?.const ?? [],
  );
  if (kinds.length > 0) return `must be one of ${kinds.join(', ')}`;
  return `is ${article(typeName(value))}, which does not fit here`;
}

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const article = (type: string): string => (type === 'null' ? type : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
