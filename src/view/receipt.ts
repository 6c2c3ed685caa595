import type { IntentReceipt } from '../client.ts';
import { lengthOfTime } from './length-of-time.ts';
import { outcomeText } from './phase-tree.ts';
import type { Paint } from './style.ts';
import { tableLines } from './table.ts';

/** A receipt for people: the outcome, every object with its read-back, what the seller signed, what is left. */
export function receiptLines(receipt: IntentReceipt, paint: Paint): string[] {
  const { intent, objects, providerReceipt, leftBehind, provider, contractID, reason } = receipt;
  const sale = provider === undefined ? '' : ` from ${paint('name', provider)}, contract ${contractID ?? ''}`;
  const columns = [
    { title: 'cluster', cell: (each: IntentReceipt['objects'][number]) => each.cluster },
    { title: 'object', cell: (each: IntentReceipt['objects'][number]) => each.object },
    {
      title: 'gone',
      cell: ({ gone }: IntentReceipt['objects'][number]) => paint(gone ? 'good' : 'bad', gone ? 'yes' : 'no'),
    },
    { title: 'read back as', cell: (each: IntentReceipt['objects'][number]) => each.how },
  ];
  return [
    `Receipt of ${paint('strong', intent)}${outcomeText(receipt, paint)}${sale}`,
    ...(reason === undefined ? [] : [`Reason: ${reason}`]),
    ...(objects.length === 0 ? ['No object was created.'] : tableLines(columns, objects, paint)),
    sellerWord(providerReceipt, paint),
    ...leftBehind.map(({ id, reason: why }) => paint('bad', `Left behind: ${id}: ${why}`)),
    `Took ${lengthOfTime(Date.parse(receipt.endedAt) - Date.parse(receipt.startedAt))} from start to end.`,
  ];
}

function sellerWord({ state, detail }: IntentReceipt['providerReceipt'], paint: Paint): string {
  switch (state) {
    case 'verified':
      return `${paint('good', 'The seller signed')} that nothing is left on its side; the signature was verified.`;
    case 'unsigned':
      return paint('bad', `The seller's receipt is not signed by it${detail === undefined ? '' : `: ${detail}`}.`);
    case 'missing':
      return paint('bad', `The seller's receipt is missing${detail === undefined ? '' : `: ${detail}`}.`);
    case 'none':
      return 'Nothing was bought, so no seller has anything to sign.';
  }
}

/** Milliseconds of each phase as a table. */
export function phaseTimeLines(phases: IntentReceipt['phases'], paint: Paint): string[] {
  const columns = [
    { title: 'phase', cell: ([phase]: readonly [string, number]) => phase },
    { title: 'took', cell: ([, ms]: readonly [string, number]) => lengthOfTime(ms), right: true },
  ];
  return tableLines(columns, Object.entries(phases), paint);
}
