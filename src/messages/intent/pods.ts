/** A pod as `status` shows it. */
export interface WorkloadPod {
  readonly name: string;
  readonly phase: string;
  readonly node: string;
  readonly uid: string;
  /** Why it does not run, as Kubernetes calls it. */
  readonly reason?: string;
}

/** The pods of a workload in little room, however many there are. */
export interface PodSummary {
  /** How many pods are in each phase. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first few in the order of their names, those in trouble before all others. */
  readonly pods: readonly WorkloadPod[];
}
