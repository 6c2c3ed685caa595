import type { Configuration, Location, NodeIdentity, Partitionability, Price, Properties } from '../../schemas/wire.ts';
import type { Amounts } from './amounts.ts';
import type { Settled, Ticket } from './ticket.ts';

/** What parcels are cut from: one Kubernetes node. `worth` is allocatable minus requests of pods without a contract. */
export interface Origin {
  /** First 10 hex digits of a hash over node identity and origin name; part of every flavor and transaction id. */
  readonly hash: string;
  /** Name of the Kubernetes Node. */
  readonly name: string;
  readonly worth: Amounts;
  readonly architecture: string;
  readonly gpuModel?: string;
  readonly policy: Partitionability;
  readonly price: Price;
  readonly location?: Location;
  readonly properties: Properties;
}

/** A part of the origin. Free parcels are on offer, held ones wait for a purchase, sold ones belong to a contract. */
export interface Parcel {
  readonly flavorID: string;
  readonly amounts: Amounts;
  readonly state: 'free' | 'held' | 'sold';
  /** Milliseconds since the epoch at which this flavor was minted. */
  readonly since: number;
  /** Of the hold; kept on after the sale. */
  readonly transactionID?: string;
  readonly contractID?: string;
}

export type TransactionPhase = 'Held' | 'Purchased' | 'Expired' | 'Released';

export interface Sale {
  readonly transactionID: string;
  readonly flavorID: string;
  /** Digest of the Idempotency-Key of the RESERVE that made it; the key itself stays in no history or row. */
  readonly key: string;
  /** The buyer chose the key itself: who has it is the buyer. */
  readonly keyed?: boolean;
  readonly buyer: NodeIdentity;
  readonly clusterID: string;
  /** Thumbprint of the key that the buyer signs with; absent = signs nothing. */
  readonly buyerKey?: string;
  readonly configuration: Configuration;
  readonly amounts: Amounts;
  /** What was reserved costs that per period, however the origin changes until the purchase. */
  readonly price?: Price;
  /** Length of the contract, milliseconds. */
  readonly termMs: number;
  /** Milliseconds since the epoch; the purchase must arrive before. */
  readonly deadline: number;
  readonly phase: TransactionPhase;
  readonly contractID?: string;
  /** Milliseconds since the epoch; a hold that was granted from the queue goes on to the next unless claimed before. */
  readonly claimBy?: number;
  /** Gateway whose caller waited for the hold; until it is claimed. */
  readonly gateway?: string;
}

/** Everything an inventory knows; plain data, so that it survives continue-as-new. */
export interface Ledger {
  readonly origin: Origin;
  /** Who keeps what is free off the market. */
  readonly closedBy?: readonly ('seller' | 'node')[];
  readonly parcels: readonly Parcel[];
  readonly sales: readonly Sale[];
  /** Flavors that are no longer on offer and where a buyer should look instead; the oldest fall out. */
  readonly gone: readonly { readonly flavorID: string; readonly successor?: string }[];
  /** Keys whose RESERVE was released, perhaps before it arrived; the oldest fall out. */
  readonly tombstones: readonly string[];
  /** Who waits for a held flavor, in the order of arrival. */
  readonly tickets: readonly Ticket[];
  /** Tickets that were decided and whose gateway has not been told. */
  readonly settled: readonly Settled[];
}

/** Source of identifiers and time; deterministic inside a workflow. */
export interface Mint {
  flavorID(): string;
  transactionID(): string;
  contractID(): string;
  /** Milliseconds since the epoch. */
  now(): number;
}

export function openLedger(origin: Origin, mint: Mint): Ledger {
  const first: Parcel = { flavorID: mint.flavorID(), amounts: origin.worth, state: 'free', since: mint.now() };
  return { origin, parcels: [first], sales: [], gone: [], tombstones: [], tickets: [], settled: [] };
}
