import type { IntentDraft, IntentReceipt } from '../../src/client.ts';
import type { ProviderDouble, Behaviour } from '../simulator/provider/provider.ts';
import type { Settings } from './lane.ts';

/** What a path can do to the world while it runs. */
export interface Actors {
  readonly a: ProviderDouble;
  readonly b: ProviderDouble;
  cancel(): Promise<void>;
  /** Takes a provider off the net for a while. */
  outage(provider: ProviderDouble, ms: number): void;
}

/** When something is done: an activity is given to a worker, or the workflow has gone on after it was done. */
export type Moment = `during ${string}` | `after ${string}`;

export interface Path {
  readonly name: string;
  readonly draft?: Omit<Partial<IntentDraft>, 'name'>;
  readonly settings?: Settings;
  readonly a?: Behaviour & { readonly neverReady?: boolean };
  readonly b?: Behaviour & { readonly neverReady?: boolean };
  /** Done once each; by default the intent is cancelled when its pods run. */
  readonly acts?: Readonly<Partial<Record<Moment, (actors: Actors) => Promise<void> | void>>>;
  /** Outcomes that are right. */
  readonly outcomes: readonly IntentReceipt['outcome'][];
  /** How many purchases must have taken effect, at least and at most. */
  readonly purchases: readonly [number, number];
}
