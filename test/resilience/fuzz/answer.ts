import { signContract } from '../../../src/signing/carry.ts';
import type { SigningKeys } from '../../../src/signing/keys.ts';
import { Flavor } from '../../../src/schemas/wire.ts';
import type { Chance } from '../soak/chance.ts';
import type { Message } from '../../harness/simulator/rear-proxy.ts';
import { fromSchema } from './from-schema.ts';
import { kubeconfigs } from './kubeconfigs.ts';
import { evilValue, spoilText, spoilValue } from './spoil.ts';
import { evilText } from './texts.ts';

/** What a seller says, and how. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** `silent`: nothing ever comes; `cut`: the connection breaks in the middle; `dripping`: the end never comes. */
  readonly manner: 'whole' | 'silent' | 'cut' | 'dripping';
}

const statuses = [201, 202, 204, 206, 299, 301, 307, 400, 401, 403, 404, 405, 408, 409, 410, 413, 418, 422, 425, 429];
const broken = [500, 501, 502, 503, 504, 599];
const absurdHeaders: readonly Readonly<Record<string, string>>[] = [
  { date: 'yesterday' },
  { date: 'Thu, 01 Jan 1970 00:00:00 GMT' },
  { date: 'Fri, 31 Dec 9999 23:59:59 GMT' },
  { 'retry-after': '1e308' },
  { 'retry-after': '-1' },
  { 'retry-after': 'NaN' },
  { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' },
  { 'content-encoding': 'gzip' },
  { 'content-type': 'text/html' },
  { location: 'http://169.254.169.254/latest/meta-data' },
  { 'x-many': 'v'.repeat(14_000) },
];

/**
 * A hostile seller's answer, made from the one it should have given.
 *
 * @param keys what the seller signs with
 */
export async function answerOf(message: Message, honest: Answer, keys: SigningKeys, chance: Chance): Promise<Answer> {
  if (chance.happens(0.05)) return { ...honest, manner: chance.one(['silent', 'cut', 'cut', 'dripping']) };
  const status = chance.happens(0.15) ? chance.among(chance.happens(0.7) ? statuses : broken) : honest.status;
  const headers = chance.happens(0.15) ? { ...honest.headers, ...chance.among(absurdHeaders) } : honest.headers;
  return { manner: 'whole', status, headers, body: await bodyOf(message, honest.body, keys, chance) };
}

async function bodyOf(message: Message, honest: Buffer, keys: SigningKeys, chance: Chance): Promise<Buffer> {
  if (chance.happens(0.05)) return Buffer.from(JSON.stringify(evilValue(chance)));
  const value = parsed(honest.toString('utf8'));
  const rounds = chance.one([1, 1, 1, 2, 5]);
  const lie = (await lieOf(message, value, keys, chance)) ?? spoilValue(value, chance, rounds);
  const text = JSON.stringify(lie);
  if (!chance.happens(0.08)) return Buffer.from(text);
  const spoilt = spoilText(text, chance);
  return typeof spoilt === 'string' ? Buffer.from(spoilt) : spoilt;
}

/** What only this message can lie about; undefined = it is spoilt like any other. */
async function lieOf(message: Message, value: unknown, keys: SigningKeys, chance: Chance): Promise<unknown> {
  switch (message) {
    case 'LIST':
      return chance.happens(0.5) ? listed(value, chance) : undefined;
    case 'RESERVE':
      if (chance.happens(0.3)) return refusal(chance);
      return chance.happens(0.4) ? { ...(value as object), expirationTime: chance.among(evilText) } : undefined;
    case 'PURCHASE':
      return chance.happens(0.6) ? bought(value, keys, chance) : undefined;
    case 'read the receipt':
      return chance.happens(0.3) ? { receipt: chance.among([...evilText, 'a.b.c', 'x'.repeat(300_000)]) } : undefined;
    case 'read the keys':
      return chance.happens(0.3)
        ? { keys: Array.from({ length: chance.int(40) }, () => spoilKey(value, chance)) }
        : undefined;
    case 'read the contract':
    case 'RELEASE':
    case 'end the contract':
      return undefined;
  }
}

function listed(value: unknown, chance: Chance): unknown {
  const [first] = Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
  if (!first) return [fromSchema(Flavor, chance)];
  const others = (count: number): unknown[] =>
    Array.from({ length: count }, (_, index) => ({
      ...first,
      flavorID: `${String(first['flavorID'])}-${String(index)}`,
    }));
  switch (chance.one(['generated', 'id', 'ids', 'free', 'many', 'large', 'same', 'owner'])) {
    case 'generated':
      return Array.from({ length: 1 + chance.int(5) }, () => fromSchema(Flavor, chance));
    case 'id':
      return [{ ...first, flavorID: chance.among(evilText) }, first];
    case 'ids':
      return evilText.map((flavorID) => ({ ...first, flavorID }));
    case 'free':
      return others(60).map((each) => ({
        ...(each as object),
        price: { amount: '0', currency: 'EUR', period: 'hourly' },
      }));
    case 'many':
      return others(chance.among([500, 2_100, 6_000]));
    case 'large':
      return [first, { ...first, networkPropertyType: 'w'.repeat(1_200_000) }];
    case 'same':
      return [first, first, first];
    case 'owner':
      return [{ ...first, owner: { ID: chance.one(['fuzz', 'bulk', '..']), IP: chance.among(evilText) } }];
  }
}

function refusal(chance: Chance): unknown {
  const successors = Array.from({ length: chance.among([1, 3, 70]) }, () => ({
    flavorID: chance.among(evilText),
    fits: true,
  }));
  const code = chance.one(['FlavorGone', 'FlavorHeld', 'TooMany', 'NotReady', 'Nonsense', '__proto__', 'constructor']);
  return { code, detail: chance.among(evilText), successors, status: 'x' };
}

const signedFields = ['flavor', 'buyerID', 'seller', 'configuration', 'expirationTime', 'transactionID', 'contractID'];

/** Another kubeconfig, or another contract, signed all the same. */
async function bought(value: unknown, keys: SigningKeys, chance: Chance): Promise<unknown> {
  const document = value as Record<string, unknown>;
  if (chance.happens(0.4)) {
    const kubeconfig = Buffer.from(chance.among(kubeconfigs)).toString('base64');
    return { ...document, peeringTargetCredentials: { clusterID: chance.among(['bulk', ...evilText]), kubeconfig } };
  }
  const field = chance.among(signedFields);
  const spoilt = { ...document, [field]: spoilValue({ it: document[field] }, chance, 1) as object };
  const { it } = spoilt[field] as { it?: unknown };
  // What has no canonical form cannot be signed.
  return signContract({ ...document, [field]: it ?? null }, keys).catch(() => spoilt);
}

function spoilKey(value: unknown, chance: Chance): unknown {
  const { keys = [] } = (value ?? {}) as { keys?: readonly unknown[] };
  return spoilValue(keys[0] ?? { kty: 'OKP' }, chance, 1);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
