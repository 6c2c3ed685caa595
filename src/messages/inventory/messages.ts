import type { Answer, Command } from '../../market/ledger/apply.ts';
import { originId } from '../../market/ledger/marks.ts';
import type { PackedLedger } from '../../market/ledger/packed.ts';
import type { Origin } from '../../market/ledger/state.ts';
import type { Settled } from '../../market/ledger/ticket.ts';
import { defineQuery, defineSignal, defineUpdate } from '../define.ts';

/** Commands of buyers, coalesced by a gateway; the answers come in the same order. */
export const commandsUpdate = defineUpdate<readonly Answer[], [readonly Command[]]>('commands');

/**
 * What became of the tickets of a gateway's callers. Answers when there is something to tell, or with nothing after a
 * while; one at a time per gateway.
 */
export const settledUpdate = defineUpdate<readonly Settled[], [{ gateway: string }]>('settled');

/** What the origin is worth now; `null` = the node is gone, cordoned or not ready. */
export const worthSignal = defineSignal<[Origin | null]>('worth');

/** The Kubernetes node is deleted: the inventory ends with its last sale. */
export const originGoneSignal = defineSignal('originGone');

/**
 * The seller takes what is free off the market, or puts it back; holds and sales stay. Tells what is on offer then.
 */
export const offeredUpdate = defineUpdate<{ node: string; flavor?: string }, [{ offered: boolean }]>('offered');

/** A contract ended and its parcel comes back. */
export const contractEndedSignal = defineSignal<[{ contractID: string }]>('contractEnded');

export const ledgerQuery = defineQuery<PackedLedger>('ledger');

export const inventoryId = (originHash: string): string => `inventory/${originHash}`;

/** Origin hash of a flavor or transaction id (`<hash>-<22 hex>-<unix ns>`). */
export function originHashOf(id: string): string | undefined {
  return originId.exec(id)?.[1];
}

/** Origin hash of a contract id. */
export function originOfContract(contractID: string): string | undefined {
  return /^c-([0-9a-f]{10})-[0-9a-f]{16}$/.exec(contractID)?.[1];
}

/** What the ids of all contracts of an origin begin with. */
export const contractPrefix = (originHash: string): string => `c-${originHash}-`;
