/** Deeper than any message; what lies below is cut off, so that no answer can exhaust the stack. */
const maxDepth = 64;

/** JSON as another node sent it, made safe to keep: keys that hold a kubeconfig are dropped at any depth. */
export function withoutKubeconfigs(value: unknown): unknown {
  return filterKeys(value, (key) => key.toLowerCase() !== 'kubeconfig', 0);
}

/** Like {@link withoutKubeconfigs}; keys that are `null` are dropped too, because Go writes absent lists that way. */
export function tolerant(value: unknown): unknown {
  return filterKeys(value, (key, inner) => inner !== null && key.toLowerCase() !== 'kubeconfig', 0);
}

function filterKeys(value: unknown, keep: (key: string, inner: unknown) => boolean, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return null;
  if (Array.isArray(value)) return value.map((item) => filterKeys(item, keep, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => keep(key, inner))
      .map(([key, inner]) => [key, filterKeys(inner, keep, depth + 1)]),
  );
}
