import { ApplicationFailure } from '@temporalio/activity';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { rearflowClass, tenantNamespaceName } from '../../liqo/names.ts';
import { OffloadedByOther, offloadNamespace, unoffloadNamespace } from '../../liqo/slices/offloading.ts';
import { releaseSlice } from '../../liqo/slices/release-slice.ts';
import { requestSlice, SliceDenied } from '../../liqo/slices/slice.ts';
import { awaitVirtualNode, type VirtualNode } from '../../liqo/slices/virtual-node.ts';
import type { Amounts } from '../../market/ledger/amounts.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { resourceList } from '../../tables/codec.ts';
import { inTime, ownerWorkflow, step } from '../context.ts';
import { deletionEvidence } from '../deletion-evidence.ts';

export interface SliceDeps {
  readonly cluster: Cluster;
  readonly nodeName: string;
}

export type SliceActivities = ReturnType<typeof createSliceActivities>;

/** What exists once per contract on the buyer's cluster: the slice with its virtual node, and the offloading. */
export function createSliceActivities({ cluster, nodeName }: SliceDeps) {
  const api = (): Cluster => cluster.bound(step().signal);

  return {
    /**
     * Asks for the contract's slice and waits until its Node takes pods.
     *
     * @param args.until milliseconds since the epoch
     * @throws ApplicationFailure `SliceDenied` when the seller refused the slice, `PeeringFailed` saying what was missing
     *   when the time was up; neither is retried
     * @see docs/steps.md 22, 26, 27
     */
    async bringUpVirtualNode(args: {
      cluster: string;
      tenantNamespace: string;
      slice: string;
      contractID: string;
      amounts: Amounts;
      until: number;
    }): Promise<VirtualNode> {
      const resources = resourceList(args.amounts);
      const request = {
        name: args.slice,
        providerId: args.cluster,
        contractId: args.contractID,
        owner: ownerWorkflow(),
        sliceClass: rearflowClass,
        resources,
      };
      return inTime(args.until, async (timed) => {
        try {
          await requestSlice(api(), request, timed);
        } catch (error) {
          if (error instanceof SliceDenied) throw ApplicationFailure.nonRetryable(error.message, 'SliceDenied');
          throw error;
        }
        return awaitVirtualNode(api(), args.slice, resources, timed);
      });
    },

    /** Deletes the slice and waits until its node and everything else of it is gone. */
    async deleteSlice(args: { cluster: string; slice: string }): Promise<readonly ReadBack[]> {
      const slice = { name: args.slice, owner: ownerWorkflow() };
      return deletionEvidence(nodeName, await releaseSlice(api(), tenantNamespaceName(args.cluster), slice, step()));
    },

    /**
     * Offloads a namespace to the nodes of sellers.
     *
     * @throws ApplicationFailure `NamespaceTaken` (non-retryable) when somebody else offloads it
     */
    async offload(args: { namespace: string; providers: readonly string[]; shared: boolean }): Promise<void> {
      const { namespace, providers: providerIds, shared } = args;
      try {
        await offloadNamespace(api(), { namespace, providerIds, owner: ownerWorkflow(), shared }, step());
      } catch (error) {
        if (error instanceof OffloadedByOther) throw ApplicationFailure.nonRetryable(error.message, 'NamespaceTaken');
        throw error;
      }
    },

    /** Ends the offloading; the remote namespace goes with it. */
    async unoffload({ namespace }: { namespace: string }): Promise<readonly ReadBack[]> {
      return deletionEvidence(nodeName, await unoffloadNamespace(api(), { namespace, owner: ownerWorkflow() }, step()));
    },
  };
}
