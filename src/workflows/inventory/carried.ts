import type { Ledger } from '../../market/ledger/state.ts';
import type { Ticket } from '../../market/ledger/ticket.ts';

type Shared = Pick<Ticket, 'flavorID' | 'configuration' | 'termMs' | 'ttpMs' | 'gateway'>;

/**
 * A ledger for continue-as-new. A thousand tickets differ in key, buyer and time; what they share is written once, so
 * that they stay below 256 KB.
 */
export interface PackedLedger extends Omit<Ledger, 'tickets' | 'settled'> {
  readonly settled?: Ledger['settled'];
  readonly queue?: {
    readonly shared: readonly Shared[];
    /** Index into `shared`, key, time, buyer; the cluster id when it is not the one the buyer names. */
    readonly places: readonly (readonly [number, string, number, Ticket['buyer'], string?])[];
  };
}

export function pack({ tickets, ...ledger }: Ledger): PackedLedger {
  const indices = new Map<string, number>();
  const shared: Shared[] = [];
  const places = tickets.map(({ key, until, buyer, clusterID, ...rest }) => {
    const text = JSON.stringify(rest);
    const index = indices.get(text) ?? shared.push(rest) - 1;
    indices.set(text, index);
    const place = [index, key, until, buyer] as const;
    return clusterID === named(buyer) ? place : ([...place, clusterID] as const);
  });
  return { ...ledger, queue: { shared, places } };
}

export function unpack({ queue, settled = [], ...ledger }: PackedLedger): Ledger {
  const tickets = (queue?.places ?? []).flatMap(([index, key, until, buyer, clusterID = named(buyer)]): Ticket[] => {
    const rest = queue?.shared[index];
    return rest ? [{ ...rest, key, until, buyer, clusterID }] : [];
  });
  return { ...ledger, settled, tickets };
}

const named = ({ ID, additionalInformation }: Ticket['buyer']): string => additionalInformation?.liqoID ?? ID;
