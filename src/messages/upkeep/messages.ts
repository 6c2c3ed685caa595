export interface SweepInput {
  /** Younger things are left alone, milliseconds. */
  readonly minAgeMs: number;
  /** What the run before found ownerless; by default the result of the schedule's last run. */
  readonly before?: readonly string[];
}

/** What a sweep found and did. */
export interface Swept {
  /** What has no owner now, whether something was done about it or not; of very many a part, each in its turn. */
  readonly orphans: readonly string[];
  /** How many have no owner, where there are too many to name. */
  readonly found?: number;
  readonly done: readonly { readonly object: string; readonly how: string }[];
  /** How many records were older than they are kept, and are deleted. */
  readonly forgotten?: number;
}

export type SweepWorkflow = (input: SweepInput) => Promise<Swept>;

/** One workflow that a repair looked after; or, where there are too many, how many more of the kind. */
export interface Restored {
  readonly workflowId: string;
  readonly how: Outcome;
}

/** @returns every workflow that was looked after */
export type RepairWorkflow = () => Promise<readonly Restored[]>;

export type NodeWorkflow = () => Promise<void>;

export const nodeWorkflowId = (nodeID: string): string => `node/${nodeID}`;

/** How a workflow fared in a repair; first those that a person has to look after, last those that nothing was done about. */
export const outcomes = ['cannot be rebuilt', 'is undone', 'begins anew', 'goes on', 'runs'] as const;

export type Outcome = (typeof outcomes)[number];
