import type { Cluster } from '../kubernetes/cluster.ts';
import { openMirror } from '../kubernetes/mirror.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import type { FlavorSource, ServedFlavor } from '../rear/backend.ts';
import { wireFlavor } from '../rear/dialect.ts';
import { Flavor } from '../schemas/wire.ts';
import type { FlavorSpec } from '../schemas/tables/flavor.ts';
import type { Row } from '../tables/rows.ts';
import { wireFlavorOf } from '../tables/codec.ts';
import { originHashOf } from '../messages/inventory/messages.ts';
import type { OriginTable } from './origins.ts';

export interface Catalog extends FlavorSource, OriginTable {
  /** True once the table has been read. */
  readonly synced: boolean;
  close(): void;
}

/** An expiry is renewed after a third of its time (docs/architecture.md 5, freshness). */
const renewals = 3;

/**
 * What the gateway answers to LIST: the free rows of the Flavor table, kept in memory as bytes.
 *
 * @see docs/steps.md 8
 */
export function openCatalog(cluster: Pick<Cluster, 'watch'>, namespace: string, expiryMs: number): Catalog {
  const flavors = new Map<string, Flavor>();
  const known = new Set<string>();
  let served: readonly ServedFlavor[] = [];
  let version = 0;
  let stale = true;

  const touch = (): void => {
    stale = true;
    version += 1;
  };
  const rows = openMirror<Row<FlavorSpec>>(
    cluster,
    tableKinds.Flavor,
    { namespace },
    {
      set({ metadata: { name = '', creationTimestamp }, spec }) {
        const flavor = Flavor.safeParse(wireFlavorOf(name, spec, creationTimestamp));
        if (flavor.success && spec.availability) flavors.set(name, flavor.data);
        else flavors.delete(name);
        const origin = originHashOf(name);
        if (origin !== undefined) known.add(origin);
        touch();
      },
      gone({ metadata: { name = '' } }) {
        flavors.delete(name);
        touch();
      },
    },
  );
  const renewal = setInterval(touch, expiryMs / renewals);
  renewal.unref();

  function serialise(): readonly ServedFlavor[] {
    const expirationTime = new Date(Date.now() + expiryMs).toISOString();
    return [...flavors.values()].map((each) => {
      const flavor = { ...each, expirationTime };
      return { flavor, bytes: Buffer.from(JSON.stringify(wireFlavor(flavor))) };
    });
  }

  return {
    get version() {
      return version;
    },
    get synced() {
      return rows.synced;
    },
    get live() {
      return rows.live;
    },
    list() {
      if (stale) served = serialise();
      stale = false;
      return served;
    },
    knows: (originHash) => known.has(originHash),
    close() {
      clearInterval(renewal);
      rows.close();
    },
  };
}
