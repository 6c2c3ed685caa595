import { addQuantities, canonicalQuantity, compareQuantities } from '../quantity.ts';
import type { Plain } from './check-fields.ts';
import { objectsIn } from './check-fields.ts';

/** Amounts by the name that Kubernetes gives a resource. */
export type ResourceList = Readonly<Record<string, string>>;

/** Resources that a pod may state for its containers together. @see component-helpers, IsSupportedPodLevelResource */
const ofWholePods = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** A list of resources as YAML has it, where amounts may be numbers. */
export function resourcesIn(value: unknown): ResourceList {
  const entries = Object.entries((value ?? {}) as Plain);
  return Object.fromEntries(entries.map(([name, amount]) => [name, canonicalQuantity(String(amount))]));
}

function combine(a: ResourceList, b: ResourceList, rule: (x: string, y: string) => string): ResourceList {
  const out: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const there = out[name];
    out[name] = there === undefined ? amount : rule(there, amount);
  }
  return out;
}

const larger = (x: string, y: string): string => (compareQuantities(x, y) < 0 ? y : x);
const sum = (a: ResourceList, b: ResourceList): ResourceList => combine(a, b, addQuantities);
const largest = (a: ResourceList, b: ResourceList): ResourceList => combine(a, b, larger);

const part = (value: unknown, name: string): Plain => ((value as Plain | undefined)?.[name] ?? {}) as Plain;

/** Lives beside the containers instead of ending before them. */
const isSidecar = (container: Plain): boolean => container['restartPolicy'] === 'Always';

/** While a pod is resized, what its containers still have counts as well; a resize that cannot be had does not. */
function inForce(stated: ResourceList, status: Plain | undefined, infeasible: boolean): ResourceList {
  if (status?.['resources'] === undefined) return stated;
  const had = largest(resourcesIn(part(status, 'resources')['requests']), resourcesIn(status['allocatedResources']));
  return infeasible ? had : largest(stated, had);
}

function resizeIsInfeasible(status: Plain): boolean {
  return objectsIn(status['conditions']).some(
    ({ type, status: is, reason }) => type === 'PodResizePending' && is === 'True' && reason === 'Infeasible',
  );
}

/**
 * What a pod takes of its node, by Kubernetes' own formula: containers and sidecars together, or more while one of the
 * init containers runs beside the sidecars before it; what the pod states for all of them instead, and its overhead.
 *
 * @param pod spec and, where it runs already, status
 * @param requestsOf what a container asks for; a container that states nothing asks for nothing
 * @throws RangeError when an amount is no quantity
 * @see k8s.io/component-helpers resource.PodRequests
 */
export function podRequests(
  pod: { readonly spec: Plain; readonly status?: Plain },
  requestsOf: (container: Plain) => ResourceList = (container) => resourcesIn(part(container, 'resources')['requests']),
): ResourceList {
  const { spec, status = {} } = pod;
  const infeasible = resizeIsInfeasible(status);
  const statuses = [...objectsIn(status['containerStatuses']), ...objectsIn(status['initContainerStatuses'])];
  const living = (container: Plain): ResourceList =>
    inForce(
      requestsOf(container),
      statuses.find(({ name }) => name === container['name']),
      infeasible,
    );

  let together = objectsIn(spec['containers']).map(living).reduce(sum, {});
  let sidecars: ResourceList = {};
  let starting: ResourceList = {};
  for (const container of objectsIn(spec['initContainers'])) {
    if (isSidecar(container)) {
      together = sum(together, living(container));
      sidecars = sum(sidecars, living(container));
      starting = largest(starting, sidecars);
    } else starting = largest(starting, sum(sidecars, requestsOf(container)));
  }
  const ofPod = Object.entries(wholePodRequests(spec, status, infeasible));
  const stated = Object.fromEntries(ofPod.filter(([name]) => ofWholePods(name)));
  return sum({ ...largest(together, starting), ...stated }, resourcesIn(spec['overhead']));
}

function wholePodRequests(spec: Plain, status: Plain, infeasible: boolean): ResourceList {
  return inForce(resourcesIn(part(spec, 'resources')['requests']), status, infeasible);
}
