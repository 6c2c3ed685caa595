import canonicalize from 'canonicalize';

/**
 * JSON Canonicalization Scheme (RFC 8785): the one byte form of a JSON value, independent of key order and spelling of
 * numbers. Keys whose value is `undefined` do not exist in JSON and are left out.
 *
 * @throws RangeError when the value has no JSON form (NaN, infinity, a function, `undefined` itself)
 */
export function canonicalBytes(value: unknown): Uint8Array {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new RangeError('the value has no canonical JSON form', { cause });
  }
  if (text === undefined) throw new RangeError('the value has no canonical JSON form');
  return new TextEncoder().encode(text);
}
