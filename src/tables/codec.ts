import type { Amounts } from '../market/ledger/amounts.ts';
import type { Configuration, Flavor, Location, NodeIdentity } from '../schemas/wire.ts';
import type { EmbeddedFlavor } from '../schemas/tables/flavor.ts';
import type { RowConfiguration, RowNodeIdentity } from '../schemas/tables/parts.ts';

/*
 * REAR messages and custom resources say the same things with other words (docs/rear.md 5.3): `ID`/`nodeID`,
 * `IP`/`ip`, `altitude`/`country`, `k8slice`/`K8Slice`.
 */

const typeNames = { k8slice: 'K8Slice', service: 'Service', vm: 'VM', sensor: 'Sensor' } as const;

export function rowIdentity(identity: NodeIdentity): RowNodeIdentity {
  const liqoID = identity.additionalInformation?.liqoID;
  return {
    domain: identity.domain,
    nodeID: identity.ID,
    ip: identity.IP,
    ...(liqoID === undefined ? {} : { additionalInformation: { liqoID } }),
  };
}

export function wireIdentityOf(row: RowNodeIdentity): NodeIdentity {
  const liqoID = row.additionalInformation?.liqoID;
  return {
    ID: row.nodeID,
    IP: row.ip,
    domain: row.domain,
    ...(liqoID === undefined ? {} : { additionalInformation: { liqoID } }),
  };
}

export function rowConfiguration(configuration: Configuration): RowConfiguration {
  return { type: typeNames[configuration.type], data: configuration.data };
}

/** Resource names as Kubernetes and Liqo use them. */
export function resourceList(amounts: Amounts): Record<string, string> {
  const { cpu, memory, pods, storage, gpuCores } = amounts;
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(pods === undefined ? {} : { pods }),
    ...(storage === undefined ? {} : { 'ephemeral-storage': storage }),
    ...(gpuCores === undefined ? {} : { 'nvidia.com/gpu': gpuCores }),
  };
}

type FlavorFields = EmbeddedFlavor['spec'];

/** Spec of a Flavor row. */
export function flavorSpec(flavor: Flavor): FlavorFields {
  const { latitude, longitude, altitude, city, additionalNotes } = flavor.location ?? {};
  return {
    providerID: flavor.providerID,
    flavorType: { typeIdentifier: typeNames[flavor.type.name], typeData: flavor.type.data as Record<string, unknown> },
    owner: rowIdentity(flavor.owner),
    price: flavor.price,
    availability: flavor.availability,
    ...(flavor.networkPropertyType === undefined ? {} : { networkPropertyType: flavor.networkPropertyType }),
    ...(flavor.location
      ? { location: dropUndefined({ latitude, longitude, country: altitude, city, additionalNotes }) }
      : {}),
  };
}

/** A Flavor row as REAR says it; the reader must validate it. */
export function wireFlavorOf(flavorID: string, spec: FlavorFields, timestamp?: string): unknown {
  const { country, ...location } = spec.location ?? {};
  const name = spec.flavorType.typeIdentifier.toLowerCase();
  const wireLocation: Location = {
    ...dropUndefined(location),
    ...(country === undefined ? {} : { altitude: country }),
  };
  return {
    flavorID,
    providerID: spec.providerID,
    type: { name, data: spec.flavorType.typeData },
    price: spec.price,
    owner: wireIdentityOf(spec.owner),
    availability: spec.availability,
    ...(spec.location ? { location: wireLocation } : {}),
    ...(spec.networkPropertyType === undefined ? {} : { networkPropertyType: spec.networkPropertyType }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
