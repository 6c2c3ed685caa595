import { wireIdentity, type Self } from '../platform/identity.ts';
import type { Flavor, Price } from '../schemas/wire.ts';
import { wholeConfiguration } from '../market/ledger/configuration.ts';
import type { Origin, Parcel } from '../market/ledger/state.ts';
import { isSellable } from '../market/partition.ts';

/** The flavor that a parcel is offered or sold as. */
export function parcelFlavor(
  parcel: Pick<Parcel, 'flavorID' | 'amounts' | 'state' | 'since'>,
  origin: Omit<Origin, 'worth'>,
  price: Price,
  self: Self,
): Flavor {
  const { data } = wholeConfiguration(parcel.amounts, origin.gpuModel) as {
    data: { cpu: string; memory: string; pods: string };
  };
  return {
    flavorID: parcel.flavorID,
    providerID: self.nodeID,
    type: {
      name: 'k8slice',
      data: {
        characteristics: { architecture: origin.architecture, ...data },
        properties: origin.properties,
        policies: { partitionability: origin.policy },
      },
    },
    timestamp: new Date(parcel.since).toISOString(),
    price,
    owner: wireIdentity(self),
    availability: parcel.state === 'free' && isSellable(parcel.amounts, origin.policy),
    ...(origin.location === undefined ? {} : { location: origin.location }),
  };
}
