/** What lives of the pairs with other clusters, by rows: who may trade under a cluster id as long as there is any. */
export class LivingPairs {
  readonly #byCluster = new Map<string, Map<string, string | undefined>>();
  readonly #clusterOf = new Map<string, string>();

  /** @param buyerKey thumbprint of the key that its buyer signs with; undefined = signs nothing */
  set(row: string, clusterID: string, buyerKey: string | undefined): void {
    this.delete(row);
    const living = this.#byCluster.get(clusterID) ?? new Map<string, string | undefined>();
    this.#byCluster.set(clusterID, living.set(row, buyerKey));
    this.#clusterOf.set(row, clusterID);
  }

  delete(row: string): void {
    const clusterID = this.#clusterOf.get(row);
    if (clusterID === undefined) return;
    this.#clusterOf.delete(row);
    const living = this.#byCluster.get(clusterID);
    living?.delete(row);
    if (living?.size === 0) this.#byCluster.delete(clusterID);
  }

  /** Does something live under this cluster id that belongs to somebody else than the owner of this key? */
  anotherThan(buyerKey: string | undefined, clusterID: string): boolean {
    return [...(this.#byCluster.get(clusterID)?.values() ?? [])].some((each) => each !== buyerKey);
  }
}
