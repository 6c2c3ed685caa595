import { Chance } from '../soak/chance.ts';
import { fill, liveKey, routes, type Route } from './routes.ts';
import { garbage } from './raw-bytes.ts';
import { evilValue, spoilText, spoilValue } from './spoil.ts';
import { evilText } from './texts.ts';

/** One generated request; where it says `@flavor:3@` and the like, see {@link Route}. */
export interface FuzzRequest {
  /** For people: which route, or which kind of bytes. */
  readonly about: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Buffer;
  readonly framing: 'length' | 'chunked' | 'too short' | 'too long' | 'both';
  /** Sent as they are instead of everything else. */
  readonly bytes?: Buffer;
  /** The caller waits no longer than this, milliseconds. */
  readonly hangUpMs?: number;
}

const weights = routes.flatMap((route) => Array.from({ length: route.weight }, () => route));
const wanderingMethods = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** Seed of one case: cases of a run are independent, so that each can be run again alone. */
export const seedOf = (seed: number, number: number): number =>
  (Math.imul(seed, 0x9e3779b1) ^ (number * 2_654_435_761)) >>> 0;

/** @param number which case of the run */
export function requestOf(seed: number, number: number): FuzzRequest {
  const chance = new Chance(seedOf(seed, number));
  if (chance.happens(0.06)) {
    const { about, bytes } = garbage(chance);
    return { about, bytes, method: 'GET', target: '', headers: [], framing: 'length' };
  }
  const route = chance.among(weights);
  const method = chance.happens(0.04) ? chance.among(wanderingMethods) : route.method;
  const body = bodyOf(route, chance);
  const headers = headersOf(number, body !== undefined, chance);
  // Whoever does not say how long it waits may be kept ten minutes.
  const patient = headers.some(([name, value]) => name === 'prefer' && value === immediately);
  const hangUp = chance.happens(0.02) || !patient ? { hangUpMs: 20 + chance.int(1_500) } : {};
  return {
    about: `${method} ${route.path}`,
    method,
    target: targetOf(route, chance),
    headers,
    framing: body === undefined ? 'length' : framingOf(chance),
    ...(body === undefined ? {} : { body }),
    ...hangUp,
  };
}

function targetOf(route: Route, chance: Chance): string {
  // A request line ends at a space; what is worse than an id is sent among the raw bytes.
  const evil = encodeURIComponent(chance.among(evilText).toWellFormed()) || '%20';
  const path = fill(route, chance, evil.slice(0, 8_000));
  const query = route.query?.(chance) ?? (chance.happens(0.05) ? 'x=1&x=2' : '');
  const odd = chance.happens(0.03) ? chance.among(['/', '//', '/..', '%2f', ';v=1', '.json', '%ZZ', '\u00ff']) : '';
  return `${path}${odd}${query === '' ? '' : `?${query}`}`;
}

function bodyOf({ body }: Route, chance: Chance): Buffer | undefined {
  if (!body) return chance.happens(0.05) ? Buffer.from('{"unasked":true}') : undefined;
  const value = chance.happens(0.04)
    ? evilValue(chance)
    : spoilValue(body(chance), chance, chance.one([0, 0, 1, 1, 2, 5]));
  const text = JSON.stringify(value);
  if (!chance.happens(0.08)) return Buffer.from(text);
  const spoilt = spoilText(text, chance);
  return typeof spoilt === 'string' ? Buffer.from(spoilt) : spoilt;
}

function framingOf(chance: Chance): FuzzRequest['framing'] {
  if (!chance.happens(0.04)) return 'length';
  return chance.one(['chunked', 'chunked', 'chunked', 'chunked', 'chunked', 'too short', 'both', 'too long']);
}

type Header = readonly [string, string];

function headersOf(number: number, body: boolean, chance: Chance): readonly Header[] {
  const headers: Header[] = [
    ['host', chance.happens(0.02) ? chance.among(['', 'evil.example', 'a b', '[::1']) : 'fuzz'],
  ];
  if (body) headers.push(['content-type', chance.happens(0.1) ? chance.among(contentTypes) : 'application/json']);
  if (chance.happens(0.7)) headers.push(['idempotency-key', keyOf(number, chance)]);
  headers.push(['prefer', chance.happens(0.05) ? chance.among(preferences) : immediately]);
  if (chance.happens(0.05)) headers.push(...chance.among(oddHeaders));
  return headers;
}

function keyOf(number: number, chance: Chance): string {
  if (chance.happens(0.2)) return liveKey(chance);
  if (chance.happens(0.1)) return headerText(chance.among(evilText)).slice(0, 2_000);
  return `fuzz-${String(number)}${chance.happens(0.3) ? ':@flavor:1@' : ''}`;
}

/** What may stand in a header at all; the rest is among the raw bytes. */
const headerText = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');

const immediately = 'wait=0, handling=lenient';

const contentTypes = [
  '',
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json;charset="',
  'application/x-www-form-urlencoded',
  '*/*',
  ';',
  'a'.repeat(3_000),
];
const preferences = [
  'wait=1',
  'wait=-1',
  'wait=0.5',
  'wait=1, wait=2',
  'handling=strict, wait=1',
  'respond-async, wait=0',
  'wait=0;;;,,,=',
];
const oddHeaders: readonly (readonly Header[])[] = [
  [['expect', '100-continue']],
  [['expect', 'tea']],
  [['content-encoding', 'gzip']],
  [['accept', 'image/png;q=0.1, */*;q=nonsense']],
  [['accept-encoding', 'br;q=1.0, identity;q=0']],
  [['x-forwarded-for', '1.2.3.4, ::1, not-an-address']],
  [
    ['connection', 'Upgrade'],
    ['upgrade', 'websocket'],
    ['sec-websocket-key', 'x'],
  ],
  [['connection', 'idempotency-key, host']],
  [['idempotency-key', 'second']],
  [
    ['if-none-match', '*'],
    ['range', 'bytes=0-0,-1'],
  ],
  [['cookie', 'a=b; '.repeat(200)]],
  [['x-many', 'v'.repeat(20_000)]],
  Array.from({ length: 150 }, (_, index): Header => [`x-${String(index)}`, '1']),
  [
    ['traceparent', '00-zz-zz-01'],
    ['authorization', 'Basic !!!'],
  ],
];
