import type { Offloader } from './messages.ts';
export interface OffloadingInput {
  readonly namespace: string;
  /** State of the run before, of a namespace with a long history. */
  readonly carried?: {
    readonly members: readonly Offloader[];
    /** Providers that the selector names. */
    readonly selected?: string;
  };
}

export type OffloadingWorkflow = (input: OffloadingInput) => Promise<void>;
