import pLimit from 'p-limit';
import { digest } from '../signing/digest.ts';
import { canonicalBytes } from '../signing/canonical.ts';
import type { Cluster, Kind, KubeObject } from '../kubernetes/cluster.ts';
import { KubeError } from '../kubernetes/cluster.ts';
import { isRecord, recordState } from './records.ts';

/** What a cluster holds: `group/Kind namespace/name` → its content as text. */
export type Snapshot = ReadonlyMap<string, string>;

interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** Kinds whose objects come and go by themselves, or are only views of others. */
const passing = new Set(['Event', 'ComponentStatus', 'EndpointSlice', 'Endpoints']);
/** Kinds whose content is a heartbeat: only their existence counts. */
const withHeartbeat = new Set(['Lease', 'Node']);

async function listableKinds(cluster: Cluster): Promise<Kind[]> {
  const { body } = await cluster.raw('GET', '/apis');
  const groups = (body as { groups: { preferredVersion: { groupVersion: string } }[] }).groups;
  const versions = ['v1', ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
  const limit = pLimit(8);
  const lists = await Promise.all(
    versions.map((apiVersion) =>
      limit(async () => {
        const path = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
        const { resources = [] } = (await cluster.raw('GET', path)).body as ResourceList;
        return resources
          .filter(({ name, verbs, kind }) => !name.includes('/') && verbs.includes('list') && !passing.has(kind))
          .map(({ name, kind, namespaced }): Kind => ({ apiVersion, kind, plural: name, namespaced }));
      }),
    ),
  );
  return lists.flat();
}

/**
 * Everything that a cluster holds, over all listable resources, records in their own way (docs/architecture.md 3.10).
 *
 * @throws KubeError when the API server does not answer
 */
export async function takeSnapshot(cluster: Cluster): Promise<Snapshot> {
  const found = new Map<string, string>();
  const limit = pLimit(8);
  const kinds = await listableKinds(cluster);
  await Promise.all(
    kinds.map((kind) =>
      limit(async () => {
        for (const object of await listed(cluster, kind)) note(found, kind, object);
      }),
    ),
  );
  return found;
}

async function listed(cluster: Cluster, kind: Kind): Promise<KubeObject[]> {
  try {
    return (await cluster.list<KubeObject>(kind)).items;
  } catch (error) {
    // Some resources say that they can be listed and then cannot (405), or vanish between the two calls.
    if (error instanceof KubeError && (error.status === 405 || error.status === 404)) return [];
    throw error;
  }
}

function note(found: Map<string, string>, kind: Kind, object: KubeObject): void {
  const group = kind.apiVersion.split('/')[0] ?? '';
  const { name = '', namespace } = object.metadata;
  if (isRecord(group)) {
    const state = recordState(kind.kind, object);
    if (state)
      found.set(
        `${group}/${kind.kind} ${state.key}`,
        addUp(found.get(`${group}/${kind.kind} ${state.key}`), state.content),
      );
    return;
  }
  const key = `${group}/${kind.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  found.set(key, withHeartbeat.has(kind.kind) ? '' : kind.kind === 'Secret' ? secretly(object) : content(object));
}

const addUp = (before: string | undefined, more: string): string =>
  [...(before ? [before] : []), more].sort().join(' + ');

/** Content of a Secret is compared, never shown. */
const secretly = (object: KubeObject): string => digest(content(object));

/** Content without what the API server changes by itself. */
function content(object: KubeObject): string {
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, ...metadata } = object.metadata;
  return new TextDecoder().decode(canonicalBytes({ ...object, metadata }));
}
