import { condition, proxyActivities } from '@temporalio/workflow';
import type { ProviderActivities } from '../../../activities/inventory/provider.ts';
import type { MembershipActivities } from '../../../activities/pair/membership.ts';
import type { PeeringActivities } from '../../../activities/pair/peering.ts';
import { formatReason } from '../../../schemas/reason.ts';
import { insisting } from '../../activity-options.ts';
import type { ContractContext } from '../context.ts';
import { unlessOver } from '../unless-over.ts';

const { openContract } = proxyActivities<ProviderActivities>(insisting);
const { enforcePlacement } = proxyActivities<PeeringActivities>(insisting);
const { joinPair } = proxyActivities<MembershipActivities>(insisting);

/** A pair that is there has answered by then. */
const answerWithin = '5m';

/**
 * Makes a sale a contract: rights for the buyer, the signature, its rows, the rule where its pods may run, and word to the
 * buyer that the sale is final. Whatever of it fails for good ends the contract, and so does an order to end it meanwhile.
 *
 * @see docs/steps.md 15, 18
 */
export async function opening(context: ContractContext): Promise<void> {
  const { contractID, sale, local, carried } = context.input;
  if (!local) await joinPairOf(context); // [18]
  if (carried === undefined) await signAndRecord(context); // [15] [18]
  if (local || context.endOrdered) return;
  await place(context);
  if (context.endOrdered) return;
  context.notices.confirm({ contractID, transactionID: sale.transactionID, address: sale.buyer.IP });
}

async function joinPairOf(context: ContractContext): Promise<void> {
  const { input, membership, replies, term } = context;
  const cluster = input.sale.clusterID;
  const failure = await unlessOver(
    term,
    () => context.endOrdered,
    async () => {
      // Asked again when there is no answer: somebody may have ended the pair by force.
      do await joinPair.executeWithOptions({ summary: `join the pair with ${cluster}` }, [{ cluster, membership }]);
      while (!(await condition(() => replies.ready !== undefined || replies.pairFailure !== undefined, answerWithin)));
    },
  );
  const reason = failure?.reason ?? replies.pairFailure;
  if (reason !== undefined && replies.ready === undefined)
    await giveUp(`peering cannot be offered: ${reason}`, context);
}

async function signAndRecord(context: ContractContext): Promise<void> {
  const { input, replies, term } = context;
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
          revision: context.nextRevision(),
          ...(credentialsSecret === undefined ? {} : { credentialsSecret }),
        },
      ]),
  );
  if (failure) await giveUp(`the contract cannot be opened: ${failure.reason}`, context);
}

/** Started with the sale, so that it is in force when the buyer's slice arrives. */
async function place(context: ContractContext): Promise<void> {
  const { contractID, sale, origin } = context.input;
  const { clusterID: cluster, amounts } = sale;
  const failure = await unlessOver(
    context.term,
    () => context.endOrdered,
    () =>
      enforcePlacement.executeWithOptions({ summary: `pods of the contract only on ${origin.name}` }, [
        { contractID, cluster, node: origin.name, amounts },
      ]),
  );
  if (failure) await giveUp(`pods cannot be kept on what was sold: ${failure.reason}`, context);
}

async function giveUp(reason: string, { replies, operator }: ContractContext): Promise<void> {
  replies.ending ??= { by: 'seller', reason: formatReason(reason) };
  await operator.needed(reason, { final: true });
}
