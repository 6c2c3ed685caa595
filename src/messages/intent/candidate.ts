import type { Flavor } from '../../schemas/wire.ts';
/** A flavor that may be bought, and where. */
export interface Candidate {
  readonly flavor: Flavor;
  /** host:port of the gateway that sells it. */
  readonly endpoint: string;
}
