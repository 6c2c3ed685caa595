import type { ContractInput } from '../../messages/contract/state.ts';
import { ContractContext } from './context.ts';
import { listen } from './handlers/listen.ts';
import { active } from './phases/active.ts';
import { ending } from './phases/ending.ts';
import { opening } from './phases/opening.ts';

/**
 * The life of a sale: opened and signed, used by the buyer's ResourceSlice, ended by term, buyer, seller or operator,
 * closed with a signed receipt, and its parcel given back. Goes on in a fresh run when its history has become long.
 *
 * @see docs/architecture.md 4.4; docs/steps.md 15, 18, 22-25
 */
export async function contract(input: ContractInput): Promise<void> {
  const context = new ContractContext(input);
  listen(context);
  context.begin();
  const { active: opened, ending: begun } = input.carried ?? {};
  if (!opened && !begun) await opening(context); // [15] [18]
  if (!begun) await active(context); // [24] [25]
  await ending(context, begun);
}
