export interface SweepInput {
  /** Younger things are left alone, milliseconds. */
  readonly minAgeMs: number;
  /** What the run before found ownerless; by default the result of the schedule's last run. */
  readonly before?: readonly string[];
}

/** One workflow that a repair looked after; or, where there are too many, how many more of the kind. */
export interface Restored {
  readonly workflowId: string;
  readonly how: Outcome;
}

export const nodeWorkflowId = (nodeID: string): string => `node/${nodeID}`;

/** How a workflow fared in a repair; first those that a person has to look after, last those that nothing was done about. */
export const outcomes = ['cannot be rebuilt', 'is undone', 'begins anew', 'goes on', 'runs'] as const;

export type Outcome = (typeof outcomes)[number];
