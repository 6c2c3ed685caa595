import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { parse } from 'yaml';
import type { KubeObject } from '../../src/kubernetes/cluster.ts';
import { kinds } from '../../src/kubernetes/kinds.ts';
import { anyAddress } from '../../src/platform/address-guard.ts';
import { createRearClient } from '../../src/rear/client.ts';
import { cancelled, draftOf, inUsage } from '../harness/support/intents.ts';
import { found, histories, nodeLog, rowsAndEvents, type Passage } from '../harness/support/secrecy.ts';
import { leaksSince, openWorld, until, type World } from '../harness/support/world.ts';

/*
 * Kubeconfigs, tokens and service passwords live in Secrets and in single HTTP answers, nowhere else: not in histories,
 * rows, Events or logs. Recognisable ones are planted at every door, and then looked for everywhere.
 */

interface Secret extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}
interface Kubeconfig {
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}
interface Answer {
  readonly status: number;
  readonly text: string;
}

const tables = 'fluidos';
const marker = (): string => randomBytes(24).toString('hex');
const secrets: Record<string, string> = {
  'kubeconfig in RESERVE': marker(),
  'kubeconfig in PURCHASE': marker(),
  'kubeconfig in an invalid RESERVE': marker(),
  'password of a service': marker(),
};
const planted = (name: string): string => secrets[name] ?? '';

let world: World;
let before: Awaited<ReturnType<World['snapshot']>>;
let accessSecret: Secret | undefined;
/** What was said while the contract lived, and in the end. */
const passages: Passage[] = [];
const answers: Record<string, Answer> = {};

const fromBase64 = (text = ''): string => Buffer.from(text, 'base64').toString('utf8');

/** The token or key a kubeconfig carries. */
function credentialOf(secret: Secret | undefined): string {
  const { users } = parse(fromBase64(secret?.data['kubeconfig'])) as Kubeconfig;
  const { token, 'client-key-data': key } = users[0]?.user ?? {};
  // Only the signature of a token is its own; the beginning is that of every token.
  return token?.split('.').at(-1) ?? fromBase64(key).split('\n').slice(1, -2).join('\n');
}

async function post(path: string, body: object, key: string = randomUUID()): Promise<Answer> {
  const response = await fetch(`http://${world.milan.gateway}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** A buyer that sends its own kubeconfig along, as FLUIDOS nodes may. */
function buyer(name: string): object {
  const kubeconfig = Buffer.from(`apiVersion: v1\nkind: Config\ntoken: ${planted(name)}\n`).toString('base64');
  return {
    ID: 'genoa',
    IP: '127.0.0.1:9',
    domain: 'demo.local',
    additionalInformation: { liqoID: 'genoa', kubeconfig },
  };
}

/** Reserves, purchases and ends, every request with a secret in it that the seller did not ask for. */
async function talkTooMuch(): Promise<void> {
  const rear = createRearClient({ addresses: anyAddress, timeoutMs: 5_000 });
  const { gateway } = world.milan;
  const listed = await rear.list(gateway, { type: 'any' });
  if (!listed.ok) throw new Error('milan does not answer');
  const flavorID = listed.flavors[0]?.flavorID ?? '';
  const configuration = { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '2' } };

  answers['invalid'] = await post('/api/v2/reservations', {
    flavorID: 7,
    buyerID: buyer('kubeconfig in an invalid RESERVE'),
  });
  answers['service'] = await post('/api/v2/reservations', {
    flavorID,
    buyerID: { ID: 'genoa', IP: '127.0.0.1:9', additionalInformation: { liqoID: 'genoa' } },
    configuration: {
      type: 'service',
      data: { hostingPolicy: 'Provider', configurationData: { password: planted('password of a service') } },
    },
  });
  const key = randomUUID();
  const reservation = { flavorID, buyerID: buyer('kubeconfig in RESERVE'), configuration };
  answers['reserve'] = await post('/api/v2/reservations', reservation, key);
  const { transactionID } = JSON.parse(answers['reserve'].text) as { transactionID: string };
  const kubeconfig = Buffer.from(planted('kubeconfig in PURCHASE')).toString('base64');
  const purchase = { liqoCredentials: { clusterID: 'genoa', kubeconfig } };
  answers['purchase'] = await post(`/api/v2/transactions/${transactionID}/purchase`, purchase, key);
  const { contractID } = JSON.parse(answers['purchase'].text) as { contractID: string };
  await rear.endContract(gateway, contractID, { idempotencyKey: key, reason: 'the test has seen enough' });
  await until('the receipt of the contract', async () => {
    const answer = await rear.receipt(gateway, contractID, { idempotencyKey: key });
    return answer.ok && answer.receipt;
  });
  await rear.close();
}

async function listen(): Promise<void> {
  for (const { name, cluster, temporal } of [world.turin, world.milan]) {
    passages.push(...(await rowsAndEvents(name, cluster)), ...(await histories(name, temporal)), await nodeLog(name));
  }
}

beforeAll(async () => {
  world = await openWorld();
  before = await world.snapshot();
  const { turin, milan } = world;
  await turin.client.start(draftOf('discreet', '2'));
  await inUsage(turin, 'discreet');
  accessSecret = await milan.cluster.get<Secret>(kinds.Secret, 'rearflow-access-turin', tables);
  const { items } = await turin.cluster.list<Secret>(kinds.Secret);
  const named = (name: string): Secret | undefined => items.find(({ metadata }) => metadata.name?.startsWith(name));
  secrets['access token that milan minted'] = credentialOf(accessSecret);
  secrets['credentials that turin keeps'] = credentialOf(named('rearflow-credentials-'));
  secrets["key of Liqo's identity"] = credentialOf(named('kubeconfig-controlplane-milan'));
  await talkTooMuch();
  await listen();
  await cancelled(turin, 'discreet');
  await listen();
}, 180_000);

afterAll(async () => {
  await world.close();
});

test('the search finds what is in clear, in base64, and in base64 of base64', () => {
  const token = planted('access token that milan minted');
  const once = Buffer.from(`x${token}yz`).toString('base64');
  const texts = [`a ${token} b`, once, Buffer.from(`${once}!`).toString('base64'), JSON.stringify(accessSecret)];
  for (const text of texts) expect(found({ token }, [{ where: 'here', text }])).toEqual(['token in here']);
  expect(found({ token }, [{ where: 'here', text: token.slice(1) }])).toEqual([]);
});

test('every secret is one: long enough not to be found by chance', () => {
  for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(40);
});

test('what was said is what was meant: a sale with credentials, two refusals, histories and logs with content', () => {
  expect(Object.fromEntries(Object.entries(answers).map(([name, { status }]) => [name, status]))).toMatchObject({
    invalid: 400,
    reserve: 200,
    purchase: 200,
  });
  expect(answers['service']?.status).toBeGreaterThanOrEqual(400);
  expect(answers['service']?.status).toBeLessThan(500);
  for (const where of [
    'turin history of intent/discreet',
    'milan history of inventory/',
    'milan Contract ',
    'milan log',
  ]) {
    expect(passages.find((passage) => passage.where.startsWith(where))?.text.length).toBeGreaterThan(100);
  }
});

test('payloads are read as text', () => {
  const own = passages.filter(({ where }) => where === 'turin history of intent/discreet');
  for (const { text } of own) expect(text).toContain('"name":"discreet"');
});

test('no history, row, Event or log holds any of them', () => {
  expect([...new Set(found(secrets, passages))]).toEqual([]);
});

test('no answer gives back what the caller sent', () => {
  const sent = Object.fromEntries(Object.entries(secrets).filter(([name]) => /RESERVE|PURCHASE|password/.test(name)));
  const heard = Object.entries(answers).map(([where, { text }]) => ({ where, text }));
  expect(found(sent, heard)).toEqual([]);
});

test('nothing is left', async () => {
  expect(await leaksSince(world, before)).toEqual([]);
});
