import { errorTable, type ErrorCode } from './errors.ts';

/** RFC 9457 problem details; `code` is stable, `field` and `hint` say what to fix. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint: string;
  readonly field?: string;
  readonly [extension: string]: unknown;
}

export const problemType = 'application/problem+json';

/**
 * @param detail one sentence for a person; must hold no secrets
 * @param more `field`, and extension members such as `successors`; a `status` overrides the table's
 */
export function problem(
  code: ErrorCode,
  detail: string,
  more: { readonly field?: string; readonly status?: number; readonly [extension: string]: unknown } = {},
): Problem {
  const { status, hint } = errorTable[code];
  const title = code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  const { status: own = status, ...extensions } = more;
  return { type: `urn:rearflow:error:${code}`, title, status: own, code, detail, hint, ...extensions };
}
