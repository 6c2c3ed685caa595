import { ensureBuyerAccess } from '../../../../src/liqo/authentication/buyer-access.ts';
import { dismissBuyer } from '../../../../src/liqo/authentication/dismiss-buyer.ts';
import { clearSlice, endService } from '../../../../src/liqo/slices/end-service.ts';
import { sliceName } from '../../../../src/liqo/names.ts';
import { ensureTenantNamespace } from '../../../../src/liqo/authentication/tenant-namespace.ts';
import type { Cluster } from '../../../../src/kubernetes/cluster.ts';
import type { ReadBack } from '../../../../src/schemas/receipt.ts';
import { base64 } from '../liqo/parties.ts';

const lifeSeconds = 3_600;
const patienceMs = 60_000;
const recordsNamespace = 'default';

/** What a seller does on its cluster for the contracts of one buyer. */
export class SellerPeering {
  readonly #cluster: Cluster;
  readonly #provider: string;
  readonly #server: string;
  readonly #open = new Set<string>();

  /** @param server address under which buyers reach the cluster */
  constructor(cluster: Cluster, provider: string, server: string) {
    this.#cluster = cluster;
    this.#provider = provider;
    this.#server = server;
  }

  /** @returns base64 kubeconfig with the buyer's rights */
  async admit(contractID: string, consumer: string): Promise<string> {
    this.#open.add(contractID);
    await ensureTenantNamespace(this.#cluster, consumer, this.#step());
    const request = { consumerId: consumer, server: this.#server, lifeSeconds };
    return base64((await ensureBuyerAccess(this.#cluster, request, this.#step())).kubeconfig);
  }

  /** Ends a contract; the last one of the buyer ends the pair. */
  async end(contractID: string, consumer: string): Promise<readonly ReadBack[]> {
    const sold = { slice: sliceName(this.#provider, contractID), consumerId: consumer };
    await endService(this.#cluster, sold, this.#step());
    await clearSlice(this.#cluster, sold, recordsNamespace, this.#step());
    this.#open.delete(contractID);
    if (this.#open.size === 0) {
      await dismissBuyer(this.#cluster, { consumerId: consumer, keepNamespace: false, recordsNamespace }, this.#step());
    }
    return [];
  }

  #step(): { signal: AbortSignal; heartbeat: () => void } {
    return { signal: AbortSignal.timeout(patienceMs), heartbeat: () => undefined };
  }
}
