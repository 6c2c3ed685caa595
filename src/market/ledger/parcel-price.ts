import type { K8SliceConfiguration, Price } from '../../schemas/wire.ts';
import { dominantShare, sharedPrice } from '../price.ts';
import type { Amounts } from './amounts.ts';
import { wholeConfiguration } from './configuration.ts';
import type { Origin } from './state.ts';

const slice = (amounts: Amounts): K8SliceConfiguration => wholeConfiguration(amounts).data as K8SliceConfiguration;

/** The origin's price is for all of it; a parcel costs its dominant share, per the same period. */
export function parcelPrice(amounts: Amounts, origin: Origin): Price {
  return sharedPrice(origin.price, dominantShare(slice(amounts), { architecture: '', ...slice(origin.worth) }));
}
