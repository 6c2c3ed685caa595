import { ApplicationFailure } from '@temporalio/activity';
import { KubeError } from '../../../src/kubernetes/cluster.ts';
import { RearFailure } from '../../../src/rear/refusal.ts';
import type { Flavor } from '../../../src/schemas/wire.ts';
import { parseQuantity } from '../../../src/market/quantity.ts';
import type { Ended } from './in-activity.ts';
import type { Purchase } from '../../../src/messages/intent/purchase.ts';

/** An error that says: the seller is silent, broken or not ready; the same question may be asked again. */
const patient = /^(the seller is not ready|the attempt is over|This operation was aborted|The operation was aborted)/;

/**
 * Why an activity's end is none that a workflow knows how to go on from; undefined when it is.
 *
 * A failure that repeats itself forever at the same answer, a bug, and a result that is too large are none.
 */
export function undefinedEnd(ended: Ended<unknown>): string | undefined {
  if (ended.how === 'hangs') return 'goes on after its time';
  if (ended.how === 'returned') return undefined;
  const { error } = ended;
  if (error instanceof RearFailure) return undefined;
  if (error instanceof ApplicationFailure) return error.type === 'TooLarge' ? error.message : undefined;
  if (error instanceof KubeError) return `the API server refuses: ${error.message}`;
  if (error instanceof Error && patient.test(error.message)) return undefined;
  return error instanceof Error
    ? `${error.name}: ${error.message}\n${error.stack?.split('\n')[1] ?? ''}`
    : String(error);
}

/** What a purchase says otherwise than it was asked for and offered; empty = it is what was agreed. */
export function disagreements(purchase: Purchase, asked: Asked): string[] {
  const { contract, expiresAt } = purchase;
  const { offered, transactionID, buyer } = asked;
  const { price } = contract.flavor;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['transaction', transactionID, contract.transactionID],
    ['flavor', offered.flavorID, contract.flavor.flavorID],
    ['buyer', buyer, contract.buyerID.ID],
    ['seller', offered.owner.ID, contract.seller.ID],
    // An offer that names no cluster is not contradicted by any.
    [
      'cluster of the seller',
      offered.owner.additionalInformation?.liqoID ?? purchase.sellerCluster,
      purchase.sellerCluster,
    ],
    ['currency', offered.price.currency, price.currency],
    ['period', offered.price.period, price.period],
    ['local', false, purchase.local],
  ];
  const differ = pairs.filter(([, wanted, got]) => wanted !== got).map(([what]) => what);
  if (!(Number(price.amount) <= Number(offered.price.amount))) differ.push('price');
  if (Date.parse(expiresAt) < Date.now() + asked.termMs - 120_000) differ.push('term');
  const { configuration } = contract;
  if (configuration?.type !== 'k8slice' || parseQuantity(configuration.data.cpu).nano < 10n ** 9n)
    differ.push('amounts');
  return differ;
}

export interface Asked {
  readonly offered: Flavor;
  readonly transactionID: string;
  readonly buyer: string;
  readonly termMs: number;
}
