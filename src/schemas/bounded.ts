import { z } from 'zod';
import { byteLength } from './budgets.ts';

/** Most bytes of each message, as JSON (docs/architecture.md 3.11). */
export const wireBudgets = {
  reservation: 4 * 1024,
  flavor: 8 * 1024,
  contract: 32 * 1024,
  /** What a service is configured with; it goes to a Secret. */
  serviceConfiguration: 16 * 1024,
} as const;

/**
 * A schema whose values have a limit in bytes beside those of their parts.
 *
 * @param bytes of the JSON of what the schema leaves of the input
 */
export const bounded = <T extends z.ZodType>(schema: T, bytes: number): T =>
  schema.refine((value) => byteLength(value) <= bytes, `must have at most ${bytes} bytes`);

/** An object with free keys: how many, how long, and how many bytes in all. */
export const freeObject = <T extends z.ZodType>(value: T, limits: { readonly keys: number; readonly bytes: number }) =>
  bounded(
    z
      .record(z.string().max(253), value)
      .refine((object) => Object.keys(object).length <= limits.keys, `must have at most ${limits.keys} keys`),
    limits.bytes,
  );
