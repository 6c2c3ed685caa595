import { z } from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d{1,9})(ms|s|m|h|d)$/;

/** `90s` → 90000. @returns undefined when the text is no duration */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text);
  return match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : undefined;
}

/**
 * A length of time as people write it: a whole number and `ms`, `s`, `m`, `h` or `d`.
 *
 * @param limits smallest and largest length accepted, written the same way
 */
export function duration(limits: { min: string; max: string }) {
  const min = parseDuration(limits.min) ?? 0;
  const max = parseDuration(limits.max) ?? Number.MAX_SAFE_INTEGER;
  return z
    .string()
    .regex(pattern, 'must be a whole number and a unit: 500ms, 30s, 10m, 1h or 7d')
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= min && ms <= max;
    }, `must be between ${limits.min} and ${limits.max}`)
    .meta({ limits: `${limits.min} to ${limits.max}` });
}

/** Milliseconds of a text that already passed {@link duration}. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`not a duration: ${text}`);
  return ms;
}
