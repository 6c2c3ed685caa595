import type { Ledger } from './state.ts';
import type { Settled, Ticket } from './ticket.ts';

type Shared = Pick<Ticket, 'flavorID' | 'configuration' | 'termMs' | 'ttpMs' | 'gateway' | 'keyed'>;

/** Id, address, domain; the Liqo cluster id where there is one, `true` when it is the id. */
type Buyer = readonly [string, string, string, (string | true)?];

/**
 * Index into what is shared, key, time, buyer; the cluster id when it is not the one that the buyer names; the key that the
 * buyer signs with.
 */
export type Place = readonly [number, string, number, Buyer, (string | null)?, string?];

/** Indices of the answer and of the gateway, key, time. */
export type Told = readonly [number, number, string, number];

/**
 * A ledger as it is carried into a fresh run and shown to who asks. A thousand tickets differ in key, buyer and time; what
 * they share is written once.
 */
export interface PackedLedger extends Omit<Ledger, 'tickets' | 'settled'> {
  readonly queue?: { readonly shared: readonly Shared[]; readonly places: readonly Place[] };
  readonly told?: {
    readonly answers: readonly Settled['answer'][];
    readonly gateways: readonly string[];
    readonly places: readonly Told[];
  };
}

export function pack({ tickets, settled, ...ledger }: Ledger): PackedLedger {
  const shared = new Distinct<Shared>();
  const places = tickets.map((ticket) => placeOf(ticket, shared.indexOf(sharedOf(ticket))));
  const answers = new Distinct<Settled['answer']>();
  const gateways = new Distinct<string>();
  const told = settled.map(({ key, gateway, since, answer }): Told => [
    answers.indexOf(answer),
    gateways.indexOf(gateway),
    key,
    since,
  ]);
  return {
    ...ledger,
    queue: { shared: shared.all, places },
    told: { answers: answers.all, gateways: gateways.all, places: told },
  };
}

export function unpack({ queue, told, ...ledger }: PackedLedger): Ledger {
  const tickets = (queue?.places ?? []).flatMap(([index, name, until, buyer, clusterID, buyerKey]): Ticket[] => {
    const rest = queue?.shared[index];
    const who = buyerOf(buyer);
    const key = digits.test(name) ? `${digestName}${name}` : name;
    const own = { key, until, buyer: who, clusterID: clusterID ?? named(who) };
    return rest ? [{ ...rest, ...own, ...(buyerKey === undefined ? {} : { buyerKey }) }] : [];
  });
  const settled = (told?.places ?? []).flatMap(([index, where, key, since]): Settled[] => {
    const answer = told?.answers[index];
    const gateway = told?.gateways[where];
    return answer === undefined || gateway === undefined ? [] : [{ key, gateway, since, answer }];
  });
  return { ...ledger, settled, tickets };
}

// Keys are digests, which all begin alike. Nobody else's key looks like the rest of one: it would have that beginning.
const digestName = 'sha256:';
const digest = /^sha256:[0-9a-f]{64}$/;
const digits = /^[0-9a-f]{64}$/;

/** What a ticket may have in common with others. */
export function sharedOf({
  key: _,
  until: __,
  buyer: ___,
  clusterID: ____,
  buyerKey: _____,
  ...shared
}: Ticket): Shared {
  return shared;
}

/** What is a ticket's own. */
export function placeOf({ key, until, buyer, clusterID, buyerKey }: Ticket, index: number): Place {
  const { ID, IP, domain, additionalInformation } = buyer;
  const liqoID = additionalInformation?.liqoID;
  const packed: Buyer = liqoID === undefined ? [ID, IP, domain] : [ID, IP, domain, liqoID === ID ? true : liqoID];
  const name = digest.test(key) ? key.slice(digestName.length) : key;
  const cluster = clusterID === named(buyer) ? null : clusterID;
  if (buyerKey !== undefined) return [index, name, until, packed, cluster, buyerKey];
  return cluster === null ? [index, name, until, packed] : [index, name, until, packed, cluster];
}

function buyerOf([ID, IP, domain, liqoID]: Buyer): Ticket['buyer'] {
  if (liqoID === undefined) return { ID, IP, domain };
  return { ID, IP, domain, additionalInformation: { liqoID: liqoID === true ? ID : liqoID } };
}

const named = ({ ID, additionalInformation }: Ticket['buyer']): string => additionalInformation?.liqoID ?? ID;

/** Values in the order in which they came, each once. */
class Distinct<T> {
  readonly all: T[] = [];
  readonly #indices = new Map<string, number>();

  indexOf(value: T): number {
    const text = JSON.stringify(value);
    const index = this.#indices.get(text) ?? this.all.push(value) - 1;
    this.#indices.set(text, index);
    return index;
  }
}
