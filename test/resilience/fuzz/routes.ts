import type { z } from 'zod';
import { RenewalRequest } from '../../../src/schemas/renewal.ts';
import { PurchaseRequest, ReserveRequest } from '../../../src/schemas/wire.ts';
import type { Chance } from '../soak/chance.ts';
import { fromSchema } from './from-schema.ts';

/**
 * Stands in a generated request for something that exists by the time it is sent, for example `@flavor:3@`: the third of
 * those that are known then.
 */
export type Thing = 'flavor' | 'transaction' | 'contract' | 'key';
const one = (thing: Thing, chance: Chance): string => `@${thing}:${String(chance.int(1_000))}@`;

export interface Route {
  readonly method: string;
  /** With `:name` where something is to be filled in. */
  readonly path: string;
  /** What fills it. */
  readonly about?: Thing;
  /** How often it is asked, compared with others. */
  readonly weight: number;
  readonly body?: (chance: Chance) => unknown;
  readonly query?: (chance: Chance) => string;
}

const api = '/api/v2';
const lists = ['', '/k8slice', '/k8slices', '/service', '/vm', '/sensors'];

/** Every route of the gateway; a test compares it with the gateway's own list. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/healthz', weight: 1 },
  { method: 'GET', path: '/readyz', weight: 1 },
  { method: 'GET', path: '/.well-known/jwks.json', weight: 1 },
  { method: 'GET', path: '/openapi.json', weight: 1 },
  ...lists.map((path): Route => ({ method: 'GET', path: `${api}/flavors${path}`, weight: 3, query: selection })),
  { method: 'POST', path: `${api}/reservations`, weight: 36, body: reservation },
  { method: 'DELETE', path: `${api}/reservations/:key`, about: 'key', weight: 8 },
  { method: 'GET', path: `${api}/transactions/:id`, about: 'transaction', weight: 4 },
  { method: 'DELETE', path: `${api}/transactions/:id`, about: 'transaction', weight: 4 },
  { method: 'POST', path: `${api}/transactions/:id/purchase`, about: 'transaction', weight: 6, body: purchase },
  { method: 'GET', path: `${api}/transactions/:id/contract`, about: 'transaction', weight: 4 },
  { method: 'GET', path: `${api}/contracts/:id`, about: 'contract', weight: 4 },
  { method: 'DELETE', path: `${api}/contracts/:id`, about: 'contract', weight: 4, query: ending },
  { method: 'GET', path: `${api}/contracts/:id/receipt`, about: 'contract', weight: 4 },
  { method: 'POST', path: `${api}/contracts/:id/renewal`, about: 'contract', weight: 4, body: renewal },
  { method: 'POST', path: `${api}/confirmations`, weight: 3, body: (chance) => ({ confirmation: jws(chance) }) },
  { method: 'POST', path: `${api}/notices`, weight: 3, body: (chance) => ({ notice: jws(chance) }) },
];

/** What must never come back in an answer or stand in a log; too long and too wild to pass for an id wherever it is put. */
export const planted = `Planted secret 7f3a: ${'s'.repeat(80)}`;

function reservation(chance: Chance): unknown {
  if (chance.happens(0.3)) return described(ReserveRequest, chance, chance.happens(0.5) ? 'flavor' : undefined);
  const buyer = String(chance.int(4));
  const data = { cpu: chance.one(['1', '500m', '2']), memory: '1Gi', pods: '1' };
  return {
    flavorID: one('flavor', chance),
    buyerID: {
      ID: `buyer-${buyer}`,
      IP: '127.0.0.1:1',
      domain: 'fuzz',
      additionalInformation: { liqoID: `buyer-${buyer}`, kubeconfig: planted },
    },
    configuration: chance.one([
      { type: 'k8slice', data },
      { type: 'k8slice', data },
      { type: 'k8slice', data: { ...data, gpu: { model: 'h100', cores: '1', memory: '1Gi' } } },
      { type: 'service', data: { hostingPolicy: 'Provider', configurationData: { password: planted } } },
    ]),
    term: chance.one(['1h', '10m', '30d', '1s']),
  };
}

function described(schema: z.ZodType, chance: Chance, thing: Thing | undefined): unknown {
  const value = fromSchema(schema, chance);
  return thing === undefined ? value : { ...(value as object), flavorID: one(thing, chance) };
}

function purchase(chance: Chance): unknown {
  if (chance.happens(0.4)) return fromSchema(PurchaseRequest, chance);
  return chance.one<unknown>([
    {},
    { liqoCredentials: { clusterID: 'buyer-1', kubeconfig: planted } },
    { buyerSignature: 'a..b' },
  ]);
}

function renewal(chance: Chance): unknown {
  if (chance.happens(0.5)) return fromSchema(RenewalRequest, chance);
  return { term: chance.one(['1m', '1h', '30d']), purchaseKey: one('key', chance) };
}

/** A compact JWS as far as its form goes. */
function jws(chance: Chance): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { alg: chance.one(['EdDSA', 'none', 'HS256']), typ: 'rearflow-confirmation', kid: 'k' };
  const payload = {
    contractID: 'c-0123456789-0123456789abcdef',
    transactionID: 't',
    at: '2026-01-01T00:00:00Z',
    endsAt: '',
  };
  return `${part(header)}.${part(payload)}.${chance.one(['', 'AAAA', '!!!!'])}`;
}

function selection(chance: Chance): string {
  const name = chance.one(['cpu', 'memory', 'pods', 'storage', 'architecture', 'category', 'tags', 'gpu', '__proto__']);
  const kind = chance.one(['[match]', '[range][min]', '[range][max]', '[range]', '']);
  const value = chance.one(['1', '1Gi', 'amd64', '', '%00', '-1', '1e999', '%F0%9F%98%80', '9'.repeat(80)]);
  const filter = `filter[${name}]${kind}=${value}`;
  return chance.one([
    '',
    filter,
    `${filter}&${filter}`,
    `${filter}&${'a=b&'.repeat(2_000)}`,
    encodeURI(filter),
    '%',
    '?&=',
  ]);
}

function ending(chance: Chance): string {
  return chance.one([
    '',
    'reason=enough',
    `reason=${'r'.repeat(2_000)}`,
    'reason=a&reason=b',
    'reason[x]=1',
    'reason=%FF%0a',
  ]);
}

/** A path with something in it that exists, or something that cannot. */
export function fill({ path, about }: Route, chance: Chance, evil: string): string {
  if (about === undefined) return path;
  const id = chance.happens(0.7) ? one(about, chance) : evil;
  return path.replace(/:\w+/, () => id);
}

export const liveKey = (chance: Chance): string => one('key', chance);
