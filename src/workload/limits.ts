type Plain = Readonly<Record<string, unknown>>;

const filled = ['cpu', 'memory'] as const;

function withLimits(container: Plain): Plain {
  const resources = (container['resources'] ?? {}) as Plain;
  const requests = (resources['requests'] ?? {}) as Plain;
  const missing = filled.filter((name) => requests[name] !== undefined);
  const limits = {
    ...Object.fromEntries(missing.map((name) => [name, requests[name]])),
    ...(resources['limits'] as Plain | undefined),
  };
  return Object.keys(limits).length === 0 ? container : { ...container, resources: { ...resources, limits } };
}

/**
 * A pod's spec with a limit of cpu and memory wherever a container states a request and none: as much as is requested,
 * which every seller admits, whatever factor it allows.
 */
export function limitedPod(spec: Plain): Plain {
  const groups = ['containers', 'initContainers'].filter((group) => Array.isArray(spec[group]));
  return {
    ...spec,
    ...Object.fromEntries(groups.map((group) => [group, (spec[group] as readonly Plain[]).map(withLimits)])),
  };
}
