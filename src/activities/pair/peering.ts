import { ApplicationFailure } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { connectReceived } from '../../kubernetes/connect.ts';
import { liqoKinds } from '../../kubernetes/liqo-kinds.ts';
import { isAbandoned, setAbandoned } from '../../liqo/abandon.ts';
import { ensureBuyerAccess } from '../../liqo/authentication/buyer-access.ts';
import { dismissBuyer } from '../../liqo/authentication/dismiss-buyer.ts';
import { peer } from '../../liqo/authentication/handshake.ts';
import { toBase64 } from '../../liqo/authentication/secret.ts';
import { ensureTenantNamespace } from '../../liqo/authentication/tenant-namespace.ts';
import { readInstallation } from '../../liqo/cluster-id.ts';
import { sliceName, tenantNamespaceName } from '../../liqo/names.ts';
import { ensureNetworkAccess, removeNetworkAccess } from '../../liqo/network/access.ts';
import { connectNetwork, disconnectNetwork } from '../../liqo/network/connect.ts';
import { declarePlacement } from '../../liqo/policies/placement-policy.ts';
import { clearSlice, cordonSlice, endService, type SoldSlice } from '../../liqo/slices/end-service.ts';
import { clearPair, part } from '../../liqo/unpeer.ts';
import type { Amounts } from '../../market/ledger/amounts.ts';
import type { AddressRules } from '../../platform/address-guard.ts';
import { RearflowError } from '../../platform/errors.ts';
import type { Self } from '../../platform/identity.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { resourceList } from '../../tables/codec.ts';
import { inTime, step } from '../context.ts';
import { deletionEvidence } from '../deletion-evidence.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { deleteCredentials, readCredentials, saveCredentials } from '../intent/credentials.ts';

export interface PeeringDeps {
  readonly cluster: Cluster;
  readonly self: Self;
  /** Where the API server of a seller may be. */
  readonly addresses: AddressRules;
  /** Namespace of the tables, where the credentials' Secrets are. */
  readonly namespace: string;
  readonly nodeName: string;
  readonly liqoNamespace: string;
  /** `liqo`: tunnels between the clusters; `none`: the pods need no network between them. */
  readonly network: 'none' | 'liqo';
  /** Life of a buyer's token, seconds. */
  readonly accessSeconds: number;
}

export type PeeringActivities = ReturnType<typeof createPeeringActivities>;

interface Other {
  /** Liqo cluster id of the other side. */
  readonly cluster: string;
}

/** The grace of a contract: over when its time is, or when the buyer has given the slice back before. */
async function untilSliceGone(seller: Cluster, sold: SoldSlice, until: number): Promise<void> {
  const namespace = tenantNamespaceName(sold.consumerId);
  while (await seller.get(liqoKinds.ResourceSlice, sold.slice, namespace)) {
    const left = until - Date.now();
    if (left <= 0) return;
    await delay(Math.min(left, graceLookMs), undefined, { signal: step().signal });
  }
}

/** What a seller gave cannot be used, and will not be: no credentials, or such as nobody may use. */
function unusable(error: unknown): boolean {
  return error instanceof RearflowError && (error.code === 'NotFound' || error.code === 'InvalidRequest');
}

function cannotPeer(error: unknown): never {
  if (!unusable(error)) throw error;
  const { code, message } = error as RearflowError;
  const why = code === 'NotFound' ? 'the seller gave no credentials for its cluster' : message;
  throw ApplicationFailure.nonRetryable(`PeeringFailed: ${why}`, 'PeeringFailed');
}

/** How often the grace looks whether the buyer has left, milliseconds. */
const graceLookMs = 200;
const accessSecret = (cluster: string): string => `rearflow-access-${cluster}`;

/** What exists once per pair, and the end of service of a contract: Liqo on the own cluster and on the seller's. */
export function createPeeringActivities(deps: PeeringDeps) {
  const { cluster, self, addresses, namespace, nodeName, liqoNamespace } = deps;
  const tunnels = deps.network === 'liqo';
  const api = (): Cluster => cluster.bound(step().signal);

  /** The seller's cluster with the rights that came with a contract; closed afterward. */
  async function atSeller<T>(credentialsSecret: string, act: (seller: Cluster) => Promise<T>): Promise<T> {
    const seller = connectReceived(await readCredentials(api(), namespace, credentialsSecret), addresses);
    try {
      return await act(seller.bound(step().signal));
    } finally {
      await seller.close();
    }
  }

  async function giveAccess(consumerId: string): Promise<string> {
    const request = { consumerId, server: cluster.server, lifeSeconds: deps.accessSeconds };
    const { kubeconfig } = await ensureBuyerAccess(api(), request, step());
    await saveCredentials(api(), namespace, accessSecret(consumerId), toBase64(kubeconfig));
    return accessSecret(consumerId);
  }

  return {
    /**
     * Buyer: the authentication handshake of Liqo.
     *
     * @param args.until milliseconds since the epoch
     * @throws ApplicationFailure `PeeringFailed` (not retried) saying what was missing when the time was up
     * @see docs/steps.md 21
     */
    async peerAsBuyer(
      args: Other & { credentialsSecret: string; until: number },
    ): Promise<{ tenantNamespace: string }> {
      const installation = await readInstallation(api(), liqoNamespace);
      await setAbandoned(api(), args.cluster, false);
      const { tenantNamespace } = await inTime(
        args.until,
        (timed) =>
          atSeller(args.credentialsSecret, async (provider) => {
            const peers = { consumer: api(), provider, installation, providerId: args.cluster, addresses };
            if (tunnels) await connectNetwork(peers, { serviceType: 'NodePort' }, timed);
            return peer(peers, timed);
          }),
        // Fails at once and for good: a seller that gave nothing usable will not do so later.
      ).catch(cannotPeer);
      return { tenantNamespace };
    },

    /** Buyer: the seller is gone for good; what only it could remove is no longer waited for. */
    async abandonSeller(args: Other): Promise<void> {
      await setAbandoned(api(), args.cluster, true);
    },

    /** Buyer: gives back what of the pair needs the seller. Without credentials the seller must clear it itself. */
    async partAsBuyer(args: Other & { credentialsSecret: string }): Promise<readonly ReadBack[]> {
      const unpeering = { consumer: api(), consumerId: self.liqoID, providerId: args.cluster };
      const end = async (provider: Cluster | undefined) => {
        const network = tunnels ? await disconnectNetwork(api(), provider, unpeering, step()) : [];
        return [...network, ...(await part({ ...unpeering, provider }, step()))];
      };
      // Who is gone for good is not asked any more: each question would take as long as a silent server is waited for.
      if (await isAbandoned(api(), args.cluster)) return deletionEvidence(nodeName, await end(undefined));
      try {
        return deletionEvidence(nodeName, await atSeller(args.credentialsSecret, end), args.cluster);
      } catch (error) {
        if (!unusable(error)) throw error;
        return deletionEvidence(nodeName, await end(undefined));
      }
    },

    /** Buyer: removes what is left of the pair on the own cluster. */
    async clearAsBuyer({ cluster: provider }: Other): Promise<readonly ReadBack[]> {
      return deletionEvidence(nodeName, await clearPair(api(), provider, step()));
    },

    /** Seller: tenant namespace and rights of a buyer; the credentials go to a Secret. @see docs/steps.md 18 */
    async admitBuyer(args: Other): Promise<{ tenantNamespace: string; credentialsSecret: string }> {
      const tenantNamespace = await ensureTenantNamespace(api(), args.cluster, step());
      const credentialsSecret = await giveAccess(args.cluster);
      if (tunnels) await ensureNetworkAccess(api(), args.cluster, liqoNamespace, step());
      return { tenantNamespace, credentialsSecret };
    },

    /** Seller: a fresh token in the place of the one before, which ends by itself. */
    async renewAccess(args: Other): Promise<void> {
      await giveAccess(args.cluster);
    },

    /** Seller: takes the buyer's rights back and removes everything of the pair. */
    async dismissBuyer(args: Other & { keepNamespace: boolean }): Promise<readonly ReadBack[]> {
      const dismissal = { consumerId: args.cluster, keepNamespace: args.keepNamespace, recordsNamespace: namespace };
      const secret = await deleteCredentials(api(), namespace, accessSecret(args.cluster), nodeName);
      const rights = tunnels ? await removeNetworkAccess(api(), args.cluster, liqoNamespace, step()) : [];
      return [...secret, ...deletionEvidence(nodeName, [...rights, ...(await dismissBuyer(api(), dismissal, step()))])];
    },

    /**
     * Seller: pods of the contract may be created on the sold Node and within its amounts only. That it is in force is proven when its slice
     * arrives, before anything is granted.
     */
    async enforcePlacement(args: Other & { contractID: string; node: string; amounts: Amounts }): Promise<void> {
      const slice = sliceName(self.liqoID, args.contractID);
      const resources = resourceList(args.amounts);
      const placement = { slice, consumerId: args.cluster, nodes: [args.node], resources };
      await declarePlacement(api(), placement, namespace);
    },

    /**
     * Seller: ends the service of a contract, whether the buyer takes part or not: no new pods, the grace, then the
     * running ones deleted and read back.
     *
     * @param args.until end of the grace, milliseconds since the epoch, so that a crash does not begin it anew; runs of an
     *   earlier version gave a length
     */
    async endService(
      args: Other & { contractID: string; until?: number; graceMs?: number },
    ): Promise<readonly ReadBack[]> {
      const sold = { slice: sliceName(self.liqoID, args.contractID), consumerId: args.cluster };
      await cordonSlice(api(), sold);
      await withHeartbeat(untilSliceGone(api(), sold, args.until ?? Date.now() + (args.graceMs ?? 0)));
      return deletionEvidence(nodeName, await endService(api(), sold, step()));
    },

    /** Seller: removes what Liqo leaves of a slice that is gone. */
    async clearSlice(args: Other & { contractID: string }): Promise<readonly ReadBack[]> {
      const sold = { slice: sliceName(self.liqoID, args.contractID), consumerId: args.cluster };
      return deletionEvidence(nodeName, await clearSlice(api(), sold, namespace, step()));
    },
  };
}
