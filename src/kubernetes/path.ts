import type { Kind } from './cluster.ts';

export interface PathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/**
 * API path of a kind, an object, or a subresource of it. Without a namespace a namespaced kind yields the path across
 * all namespaces, which serves only LIST and WATCH.
 *
 * @throws RangeError for a name that a URL would read as a way through its path
 */
export function kindPath(kind: Kind, parts: PathParts = {}): string {
  const root = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  if (parts.name !== undefined && kind.namespaced && !parts.namespace) {
    throw new RangeError(`${kind.kind} ${parts.name}: metadata.namespace is missing; the kind is namespaced`);
  }
  if (parts.name === '.' || parts.name === '..') throw new RangeError(`${kind.kind}: ${parts.name} is no name`);
  const scope = kind.namespaced && parts.namespace ? `/namespaces/${encodeURIComponent(parts.namespace)}` : '';
  const name = parts.name === undefined ? '' : `/${encodeURIComponent(parts.name)}`;
  const subresource = parts.subresource === undefined ? '' : `/${parts.subresource}`;
  return `${root}${scope}/${kind.plural}${name}${subresource}`;
}

/** Query text (with `?`) of the values that are given, or an empty string. */
export function queryText(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
