import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { longestReason, formatReason } from './reason.ts';

test('whatever a person writes as a reason fits the wire', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.string({ unit: 'grapheme', maxLength: 3_000 }),
  );
  fc.assert(
    fc.property(text, (reason) => {
      const spoken = formatReason(reason);
      expect(spoken.length).toBeLessThanOrEqual(longestReason);
      expect(spoken).toBe(formatReason(spoken));
      expect(() => encodeURIComponent(spoken)).not.toThrow();
      expect(spoken).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('a short reason stays as it is, a long one keeps its beginning', () => {
  expect(formatReason('maintenance on Sunday')).toBe('maintenance on Sunday');
  expect(formatReason(`${'x'.repeat(1_023)}🦊 and more`)).toBe('x'.repeat(1_023));
});
