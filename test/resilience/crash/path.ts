import type { WorkflowHandle } from '@temporalio/client';
import type { IntentDraft, IntentReceipt } from '../../../src/client.ts';
import type { Trouble } from '../../harness/simulator/gate.ts';
import type { Behaviour } from '../../harness/simulator/provider/provider.ts';
import type { FaultOrder } from '../../harness/simulator/rear-proxy.ts';
import type { Use } from './lane.ts';

/** What a path can do to the world while it runs. */
export interface Actors {
  /** The intent that the moment is about; the first one when it is about none. */
  readonly intent: WorkflowHandle;
  /** Cancels the intent that the moment is about; all of them when it is about none. */
  cancel(): Promise<void>;
  approve(): Promise<void>;
  /** kill -9 of the buyer's worker; another one is started at once. */
  crash(): Promise<void>;
  /** Takes the cheaper provider off the net for a while, its API server included. */
  outage(): Promise<void>;
  /** Spoils the connections to the API server of the buyer or of all sellers for a while. */
  suffer(whose: 'buyer' | 'seller', trouble: Trouble, ms: number): Promise<void>;
}

/** When something is done: an activity is given to a worker, or the workflow has gone on after it was done. */
export type Moment = `during ${string}` | `after ${string}`;

export type Manners = Behaviour & { readonly neverReady?: boolean };

export interface Path extends Use {
  readonly name: string;
  /** Beside name, resources and workload; `shared` is a namespace that exists. */
  readonly draft?: (shared: string) => Omit<Partial<IntentDraft>, 'name'>;
  /** How many intents run side by side; default 1. */
  readonly intents?: number;
  /** The cheaper provider. */
  readonly a?: Manners;
  readonly b?: Manners;
  /** What happens to messages on their way to the cheaper provider. */
  readonly faults?: readonly FaultOrder[];
  /** Done once each per intent; by default an intent is cancelled when its pods run. */
  readonly acts?: Readonly<Partial<Record<Moment, (actors: Actors) => Promise<void> | void>>>;
  /** Outcomes that are right. */
  readonly outcomes: readonly IntentReceipt['outcome'][];
  /** Each crash may cost it another seller: never more than one a run, whatever the matrix is told. */
  readonly oneCrash?: boolean;
  /** How many purchases must have taken effect, at least and at most. */
  readonly purchases: readonly [number, number];
}
