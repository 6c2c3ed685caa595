import type { ResourceRequest } from '../schemas/request.ts';
import type { Flavor } from '../schemas/wire.ts';

export type Constraint =
  | 'type'
  | 'availability'
  | 'expiry'
  | 'provider'
  | 'architecture'
  | 'location'
  | 'securityStandards'
  | 'latency'
  | 'cpu'
  | 'memory'
  | 'pods'
  | 'storage'
  | 'gpu'
  | 'price';

/** A constraint that a flavor does not satisfy. */
export interface Failure {
  readonly failed: Constraint;
  readonly wanted: string;
  readonly offered: string;
  /** How far off, to rank near misses: 0 = almost, 1 = altogether; more when a limit is exceeded several times. */
  readonly gap: number;
}

type Predicate = (request: ResourceRequest, flavor: Flavor, nowMs: number) => Failure | undefined;

function refuse(failed: Constraint, wanted: string, offered: string, gap = 1): Failure {
  return { failed, wanted, offered, gap };
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

const available: Predicate = (_, flavor) =>
  flavor.availability ? undefined : refuse('availability', 'available', 'taken');

/** FLUIDOS sellers send no expiry: their offers hold until they vanish from LIST. */
const unexpired: Predicate = (_, flavor, nowMs) => {
  if (flavor.expirationTime === undefined) return undefined;
  const alive = Date.parse(flavor.expirationTime) > nowMs;
  return alive ? undefined : refuse('expiry', 'an offer that still holds', `expired ${flavor.expirationTime}`);
};

const provider: Predicate = ({ providers }, { owner }) => {
  const named = (name: string): boolean => name === owner.ID || (owner.domain !== '' && name === owner.domain);
  const who = owner.domain === '' ? owner.ID : `${owner.ID} (${owner.domain})`;
  if (providers?.deny?.some(named)) return refuse('provider', `none of ${providers.deny.join(', ')}`, who);
  if (providers?.allow === undefined || providers.allow.some(named)) return undefined;
  return refuse('provider', `one of ${providers.allow.join(', ')}`, who);
};

/** The country travels in `altitude` (FLUIDOS behavior). */
const location: Predicate = ({ location: wanted }, flavor) => {
  const city = flavor.location?.city ?? '';
  const country = flavor.location?.altitude ?? '';
  const offered = [city, country].filter((text) => text !== '').join(', ') || 'not declared';
  if (wanted?.country !== undefined && !same(wanted.country, country)) {
    return refuse('location', `country ${wanted.country}`, offered);
  }
  if (wanted?.city !== undefined && !same(wanted.city, city)) return refuse('location', `city ${wanted.city}`, offered);
  return undefined;
};

const architecture: Predicate = (request, { type }) => {
  if (type.name !== 'k8slice' || request.architecture === undefined) return undefined;
  const offered = type.data.characteristics.architecture;
  return same(request.architecture, offered) ? undefined : refuse('architecture', request.architecture, offered);
};

const securityStandards: Predicate = (request, { type }) => {
  if (type.name !== 'k8slice' || request.securityStandards === undefined) return undefined;
  const offered = type.data.properties.securityStandards ?? [];
  const missing = request.securityStandards.filter((wanted) => !offered.some((each) => same(each, wanted)));
  if (missing.length === 0) return undefined;
  const gap = missing.length / request.securityStandards.length;
  return refuse('securityStandards', missing.join(', '), offered.join(', ') || 'none', gap);
};

/** An undeclared latency passes: Go leaves 0 out, and the metaorchestrator reads absence as no objection. */
const latency: Predicate = ({ maxLatencyMs }, { type }) => {
  if (type.name !== 'k8slice' || maxLatencyMs === undefined) return undefined;
  const offered = type.data.properties.latency ?? 0;
  if (offered <= maxLatencyMs) return undefined;
  return refuse('latency', `at most ${maxLatencyMs} ms`, `${offered} ms`, offered / maxLatencyMs - 1);
};

/** Everything that needs no arithmetic on quantities, in the order in which it is reported. */
export const constraints: readonly Predicate[] = [
  available,
  unexpired,
  provider,
  architecture,
  location,
  securityStandards,
  latency,
];
