import type { Client } from '@temporalio/client';
import type { Cluster } from '../kubernetes/cluster.ts';
import { tableKinds } from '../kubernetes/table-kinds.ts';
import { fromBase64 } from '../liqo/authentication/secret.ts';
import { isSameSeller, type KnownSeller } from '../market/known-seller.ts';
import { pairId } from '../messages/pair/messages.ts';
import type { Self } from '../platform/identity.ts';
import type { ContractSpec, ContractStatus } from '../schemas/tables/contract.ts';
import { digest } from '../signing/digest.ts';
import { isOpen, otherClusterOf } from '../tables/contract-sale.ts';
import type { Row } from '../tables/rows.ts';
import { workflowStatus } from './workflow-starts.ts';

export interface LivingPairDeps {
  readonly client: Client;
  readonly self: Self;
  /** Namespace of the tables. */
  readonly namespace: string;
}

/**
 * Why a seller may not be peered with under a cluster id: a pair with another one lives there, and would be taken over.
 * What is bought at the same moment has no row yet; of that, the pair itself admits one seller only.
 *
 * @param sellerCluster Liqo cluster id that the seller states
 * @returns undefined when nothing is in the way
 */
export async function objectionToPair(
  cluster: Cluster,
  { client, self, namespace }: LivingPairDeps,
  sellerCluster: string,
  seller: KnownSeller,
): Promise<string | undefined> {
  const { items } = await cluster.list<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, { namespace });
  const others = items.filter(
    (row) =>
      isOpen(row) && otherClusterOf(row, self.nodeID) === sellerCluster && !isSameSeller(row.spec.boughtFrom, seller),
  );
  if (others.length === 0) return undefined;
  // A seller that never ends a contract must not keep the id: what counts is whether anything of the pair may stand.
  const over = (await workflowStatus(client, pairId(sellerCluster))) === 'COMPLETED';
  return over ? undefined : `cluster id ${sellerCluster} is that of another seller, whose pair lives`;
}

/** What is remembered of credentials, so that those for another cluster are told apart. @param kubeconfig base64 */
export function accessOf(kubeconfig: string): string {
  const { clusters } = JSON.parse(fromBase64(kubeconfig)) as { clusters: readonly { cluster: object }[] };
  return digest(clusters[0]?.cluster);
}
