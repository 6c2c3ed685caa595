import { condition, proxyActivities } from '@temporalio/workflow';
import type { ProviderActivities } from '../../activities/inventory/provider.ts';
import type { MembershipActivities } from '../../activities/pair/membership.ts';
import type { PeeringActivities } from '../../activities/pair/peering.ts';
import type { ContractInput } from '../../messages/contract/state.ts';
import type { Membership } from '../../messages/pair/messages.ts';
import { formatReason } from '../../schemas/reason.ts';
import { insisting } from '../activity-options.ts';
import type { Operator } from './operator.ts';
import type { Replies } from './replies.ts';
import type { Term } from './term.ts';
import { unlessOver } from './unless-over.ts';

const { openContract } = proxyActivities<ProviderActivities>(insisting);
const { enforcePlacement } = proxyActivities<PeeringActivities>(insisting);
const { joinPair } = proxyActivities<MembershipActivities>(insisting);

/** A pair that is there has answered by then. */
const answerWithin = '5m';

export interface OpeningDeps {
  readonly input: ContractInput;
  readonly membership: Membership;
  readonly replies: Replies;
  readonly term: Term;
  readonly operator: Operator;
  revision(): number;
}

/**
 * Makes a sale a contract: rights for the buyer, the signature, its rows, and the rule where its pods may run. Whatever of
 * it fails for good ends the contract, and so does an order to end it meanwhile.
 *
 * @see docs/steps.md 15, 16, 18
 */
export async function openUp({ input, membership, replies, term, operator, revision }: OpeningDeps): Promise<void> {
  const { contractID, sale, origin, local } = input;
  const cluster = sale.clusterID;
  const ordered = (): boolean => replies.ending !== undefined;
  const giveUp = async (reason: string): Promise<void> => {
    replies.ending ??= { by: 'seller', reason: formatReason(reason) };
    await operator.needed(reason, { final: true });
  };
  if (!local) {
    const failure = await unlessOver(term, ordered, async () => {
      // Asked again when there is no answer: somebody may have ended the pair by force.
      do await joinPair.executeWithOptions({ summary: `join the pair with ${cluster}` }, [{ cluster, membership }]);
      while (!(await condition(() => replies.ready !== undefined || replies.pairFailure !== undefined, answerWithin)));
    });
    const reason = failure?.reason ?? replies.pairFailure;
    if (reason !== undefined && replies.ready === undefined) await giveUp(`peering cannot be offered: ${reason}`);
  }
  if (input.carried === undefined) {
    // An end that was ordered before is told to the buyer with a receipt, and that needs a contract.
    const { orders } = replies;
    const { credentialsSecret } = replies.ready ?? {};
    const failure = await unlessOver(
      term,
      () => replies.orders > orders,
      () =>
        openContract.executeWithOptions({ summary: 'sign the contract and write its rows' }, [
          {
            ...input,
            expiresAt: term.expiresAt,
            revision: revision(),
            ...(credentialsSecret === undefined ? {} : { credentialsSecret }),
          },
        ]),
    );
    if (failure) await giveUp(`the contract cannot be opened: ${failure.reason}`);
  }
  if (local || ordered()) return;
  // Started with the sale, so that it is in force when the buyer's slice arrives.
  const failure = await unlessOver(term, ordered, () =>
    enforcePlacement.executeWithOptions({ summary: `pods of the contract only on ${origin.name}` }, [
      { contractID, cluster, node: origin.name, amounts: sale.amounts },
    ]),
  );
  if (failure) await giveUp(`pods cannot be kept on what was sold: ${failure.reason}`);
}
