/**
 * Bytes that may travel between workflows, activities and clients (docs/architecture.md 3.11); Temporal itself refuses
 * 2 MB.
 */
export const budgets = {
  /** Arguments or result of one activity, of a signal or an update. */
  message: 128 * 1024,
  /** What a workflow is started with, or carries into a fresh run. */
  state: 256 * 1024,
} as const;

/** The answer to a LIST: what lies beyond is not read. */
export const listBudget = { bytes: 2 * 1024 * 1024, items: 2_000 } as const;

/** An argument, a result or a state that is larger than it may be. */
export interface Excess {
  readonly bytes: number;
  readonly limit: number;
}

const longestUtf8 = 3;

/** @returns bytes of the JSON of a value */
export const byteLength = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value) ?? '').byteLength;

/**
 * @param value anything JSON can express
 * @param limit bytes
 * @returns by how much the JSON of a value exceeds its budget; undefined when it does not
 */
export function excess(value: unknown, limit: number): Excess | undefined {
  const text = JSON.stringify(value) ?? '';
  if (text.length * longestUtf8 <= limit) return undefined;
  const bytes = byteLength(value);
  return bytes <= limit ? undefined : { bytes, limit };
}

/** @param what names the message for whoever reads the error */
export function tooLarge(what: string, { bytes, limit }: Excess): string {
  return `TooLarge: ${what} has ${bytes} bytes; at most ${limit} are allowed`;
}
