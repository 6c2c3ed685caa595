import type { Configuration, Contract, Flavor, NodeIdentity } from '../schemas/wire.ts';
import { ClusterId } from '../schemas/names.ts';
import { configurationAmounts } from '../market/ledger/configuration.ts';
import { dimensions, type Amounts } from '../market/ledger/amounts.ts';
import { priceDiffers } from '../market/price-agrees.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../market/quantity.ts';

/** What was reserved, as it was offered. */
export interface Order {
  readonly transactionID: string;
  readonly configuration: Configuration;
  readonly buyer: NodeIdentity;
  /** The flavor as its seller offered it. */
  readonly offer: Flavor;
  readonly termMs: number;
  /** When the contract must not end before, milliseconds since the epoch on the seller's clock. */
  readonly notBefore: number;
}

export type Agreement =
  { readonly ok: true } | { readonly ok: false; readonly field: string; readonly wanted: string; readonly got: string };

type Check = readonly [field: string, wanted: string, got: string];

/**
 * Does the contract say what was reserved, for no more than was offered? Quantities are compared by value, so `1000m`
 * equals `1`.
 *
 * FLUIDOS sellers may answer with an older reservation of the same buyer (docs/rear.md 7.5), so this is checked
 * after RESERVE and again after PURCHASE.
 */
export function contractAgrees(contract: Contract, order: Order): Agreement {
  const { transactionID, buyer, offer, configuration } = order;
  const { flavor, seller, buyerID, buyerClusterID } = contract;
  const named: readonly Check[] = [
    ['transactionID', transactionID, contract.transactionID],
    ['flavor.flavorID', offer.flavorID, flavor.flavorID],
    ['flavor.type', kindOf(offer), kindOf(flavor)],
    ['flavor.owner.ID', offer.owner.ID, flavor.owner.ID],
    ['buyerID.ID', buyer.ID, buyerID.ID],
    ['buyerClusterID', clusterOf(buyer), buyerClusterID === '' ? clusterOf(buyer) : buyerClusterID],
    ['seller.ID', offer.owner.ID, seller.ID],
    ['seller.liqoID', clusterOf(offer.owner, seller), clusterOf(seller)],
    ['configuration', amountsText(configuration), amountsText(contract.configuration)],
  ];
  const wrong = named.find(([, wanted, got]) => wanted !== got) ?? misnamed(contract);
  if (wrong) return { ok: false, field: wrong[0], wanted: wrong[1], got: wrong[2] };
  const short = shortOf(flavor, configuration);
  if (short !== undefined) return { ok: false, field: 'flavor', wanted: amountsText(configuration), got: short };
  const dearer = priceDiffers(offer, flavor, configuration, order.termMs);
  if (dearer) return { ok: false, field: 'price', ...dearer };
  return lastsUntil(contract, order.notBefore);
}

/** A contract without an end, as of a FLUIDOS seller, lasts as long as it is used. */
function lastsUntil({ expirationTime = '' }: Contract, notBefore: number): Agreement {
  if (expirationTime === '') return { ok: true };
  const end = Date.parse(expirationTime);
  if (end >= notBefore) return { ok: true };
  const wanted = `not before ${new Date(notBefore).toISOString()}`;
  return { ok: false, field: 'expirationTime', wanted, got: expirationTime };
}

/** A cluster without an id of its own goes by that of its node, which may be no name in Kubernetes. */
function misnamed({ seller }: Contract): Check | undefined {
  const parsed = ClusterId.safeParse(clusterOf(seller));
  return parsed.success ? undefined : ['seller.liqoID', 'a cluster id', clusterOf(seller).slice(0, 64)];
}

/** Where the workload will go. @param said what the offer left open */
const clusterOf = ({ ID, additionalInformation }: NodeIdentity, said?: NodeIdentity): string =>
  additionalInformation?.liqoID ?? said?.additionalInformation?.liqoID ?? ID;

function kindOf({ type }: Flavor): string {
  return type.name === 'k8slice' ? `k8slice ${type.data.characteristics.architecture.toLowerCase()}` : type.name;
}

/** @returns the flavor's amounts when they do not hold the configuration */
function shortOf({ type }: Flavor, configuration: Configuration): string | undefined {
  if (type.name !== 'k8slice' || configuration.type !== 'k8slice') return undefined;
  const { cpu, memory, pods, storage, gpu } = type.data.characteristics;
  const whole: Configuration = {
    type: 'k8slice',
    data: { cpu, memory, pods, ...(storage === undefined ? {} : { storage }), ...(gpu ? { gpu } : {}) },
  };
  const [has, needs]: readonly [Amounts, Amounts] = [configurationAmounts(whole), configurationAmounts(configuration)];
  const holds = dimensions.every((key) => compareQuantities(has[key] ?? '0', needs[key] ?? '0') >= 0);
  return holds ? undefined : amountsText(whole);
}

/** Stable text of a configuration; none = the whole flavor. */
export function amountsText(configuration: Contract['configuration']): string {
  if (!configuration) return 'whole flavor';
  if (configuration.type === 'service') return `service, hosted by ${configuration.data.hostingPolicy ?? 'either'}`;
  const taken = configurationAmounts(configuration);
  const parts = dimensions.map((key) => `${key}=${oneSpelling(taken[key] ?? '0')}`);
  return [...parts, `gpuModel=${configuration.data.gpu?.model ?? ''}`].join(' ');
}

/** `1Gi` and `1073741824` are the same amount. */
function oneSpelling(quantity: string): string {
  return formatQuantity({ nano: parseQuantity(quantity).nano, format: 'DecimalSI' });
}
