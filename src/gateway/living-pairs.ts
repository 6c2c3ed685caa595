/** What lives of the pairs with other clusters, by rows: who may trade under a cluster id as long as there is any. */
export class LivingPairs {
  readonly #byCluster = new Map<string, Map<string, string | undefined>>();
  /** How many rows each key has. */
  readonly #byKey = new Map<string, number>();
  readonly #clusterOf = new Map<string, string>();

  /** @param buyerKey thumbprint of the key that its buyer signs with; undefined = signs nothing */
  set(row: string, clusterID: string, buyerKey: string | undefined): void {
    this.delete(row);
    const living = this.#byCluster.get(clusterID) ?? new Map<string, string | undefined>();
    this.#byCluster.set(clusterID, living.set(row, buyerKey));
    this.#clusterOf.set(row, clusterID);
    if (buyerKey !== undefined) this.#byKey.set(buyerKey, (this.#byKey.get(buyerKey) ?? 0) + 1);
  }

  delete(row: string): void {
    const clusterID = this.#clusterOf.get(row);
    if (clusterID === undefined) return;
    this.#clusterOf.delete(row);
    const living = this.#byCluster.get(clusterID);
    const buyerKey = living?.get(row);
    living?.delete(row);
    if (living?.size === 0) this.#byCluster.delete(clusterID);
    if (buyerKey === undefined) return;
    const left = (this.#byKey.get(buyerKey) ?? 1) - 1;
    if (left === 0) this.#byKey.delete(buyerKey);
    else this.#byKey.set(buyerKey, left);
  }

  /** Does something live that belongs to the owner of this key? */
  has(buyerKey: string): boolean {
    return this.#byKey.has(buyerKey);
  }

  /** Does something live under this cluster id that belongs to somebody else than the owner of this key? */
  anotherThan(buyerKey: string | undefined, clusterID: string): boolean {
    return this.#under(clusterID).some((each) => each !== buyerKey);
  }

  /** The same, of somebody who signs. */
  signerOtherThan(buyerKey: string | undefined, clusterID: string): boolean {
    return this.#under(clusterID).some((each) => each !== undefined && each !== buyerKey);
  }

  #under(clusterID: string): readonly (string | undefined)[] {
    return [...(this.#byCluster.get(clusterID)?.values() ?? [])];
  }
}
