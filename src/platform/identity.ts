import type { NodeIdentity } from '../schemas/wire.ts';

/** Who this node is. */
export interface Self {
  readonly nodeID: string;
  readonly domain: string;
  /** host:port other nodes reach the gateway at. */
  readonly address: string;
  /** Liqo cluster id of the node's cluster. */
  readonly liqoID: string;
}

/** As REAR messages say it. */
export function wireIdentity(self: Self): NodeIdentity {
  return {
    ID: self.nodeID,
    IP: self.address,
    domain: self.domain,
    additionalInformation: { liqoID: self.liqoID },
  };
}
