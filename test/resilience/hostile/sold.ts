import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { commandsUpdate, inventoryId } from '../../../src/messages/inventory/messages.ts';
import type { Offer } from '../../integration/provider/seller.ts';

/** Sells all of an offer at its inventory, past the checks of any gateway. @returns the contract's id */
export async function sold(temporal: Client, offer: Offer, clusterID: string): Promise<string> {
  const inventory = temporal.workflow.getHandle(inventoryId(offer.hash));
  const buyer = { ID: 'stranger', IP: '127.0.0.1:1', domain: 'd' };
  const reserve = { kind: 'reserve', key: randomUUID(), flavorID: offer.flavorID, buyer, clusterID } as const;
  const terms = { termMs: 3_600_000, ttpMs: 6_000 };
  const [held] = await inventory.executeUpdate(commandsUpdate, { args: [[{ ...reserve, ...terms }]] });
  const transactionID = held && 'sale' in held ? held.sale.transactionID : '';
  const [bought] = await inventory.executeUpdate(commandsUpdate, { args: [[{ kind: 'purchase', transactionID }]] });
  return bought && 'contractID' in bought ? bought.contractID : '';
}
