/** Longest reason that travels between nodes, UTF-16 units. */
export const longestReason = 1_024;

// Control characters and lone surrogates: neither belongs into logs, rows or addresses.
const unfit = /[\p{Cc}\p{Cs}]+/gu;

/**
 * A reason as the wire takes it, whoever wrote it: what is too long is cut, because a contract must not go on for a long
 * explanation.
 */
export function formatReason(text: string): string {
  const clean = text
    .slice(0, longestReason * 2)
    .replace(unfit, ' ')
    .trim();
  // A cut through the middle of a character leaves half of it.
  return clean.slice(0, longestReason).replace(/[\uD800-\uDBFF]$/, '');
}
