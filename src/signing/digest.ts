import { createHash } from 'node:crypto';
import { canonicalBytes } from './canonical.ts';

/**
 * Name of a JSON value by its content: `sha256:<64 hex>` over the canonical bytes.
 *
 * @throws RangeError when the value has no JSON form
 */
export function digest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalBytes(value)).digest('hex')}`;
}
