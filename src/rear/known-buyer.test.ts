import { beforeAll, expect, test } from '@jest/globals';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../signing/keys.ts';
import { signerOf } from '../signing/reservation.ts';
import type { KeyedOptions, RearClient, ReserveOptions } from './client.ts';
import { asKnownBuyer } from './known-buyer.ts';

const flavorID = `0123456789-${'a'.repeat(22)}-1795261103000000000`;
const name = `intent/job:run:${flavorID}`;
const body = { flavorID, buyerID: { ID: 'turin', IP: 'h:1', domain: '' } };

let keys: SigningKeys;
let sent: { readonly key: string; readonly options?: ReserveOptions; readonly purchaseKey?: string }[];
let buyer: RearClient;

beforeAll(async () => {
  keys = await loadSigningKeys(await generateSigningKey());
});

const keyAt = (origin: string): string => `${keys.secretOf(`${origin}\n${name}`)}:${flavorID}`;

/** A client that only notes what it is asked to send. */
function open(): void {
  sent = [];
  const never = new Promise<never>(() => undefined);
  const note = (options: { readonly idempotencyKey?: string } = {}): Promise<never> => {
    sent.push({ key: options.idempotencyKey ?? '' });
    return never;
  };
  const notes: Partial<RearClient> = {
    reserve: (_endpoint, _body, options) => {
      sent.push({ key: options.idempotencyKey, options });
      return never;
    },
    purchase: (_endpoint, _id, _body, options) => note(options),
    release: (_endpoint, idempotencyKey) => note({ idempotencyKey }),
    contract: (_endpoint, _id, options) => note(options),
    endContract: (_endpoint, _id, options) => note(options),
    receipt: (_endpoint, _id, options) => note(options),
    renew: (_endpoint, _id, { purchaseKey }, options: KeyedOptions) => {
      sent.push({ key: options.idempotencyKey, ...(purchaseKey === undefined ? {} : { purchaseKey }) });
      return never;
    },
  };
  buyer = asKnownBuyer(notes as RearClient, keys);
}

test('what stands in histories and rows is a name: the key that proves the buyer is made when it is sent', () => {
  open();
  const named = { idempotencyKey: name };
  void buyer.purchase('h:1', 't', {}, named);
  void buyer.release('h:1', name);
  void buyer.contract('h:1', 't', named);
  void buyer.endContract('h:1', 'c', named);
  void buyer.receipt('h:1', 'c', named);
  void buyer.renew('h:1', 'c', { term: '1m', purchaseKey: name }, { idempotencyKey: 'renewal' });
  const [first, ...others] = sent;
  expect(first?.key).toBe(keyAt('http://h:1'));
  expect(others.map(({ key, purchaseKey = key }) => purchaseKey)).toEqual(Array(5).fill(first?.key));
  expect(sent.at(-1)?.key).toBe('renewal');
});

test('a reservation is signed with the key it is sent with', async () => {
  open();
  void buyer.reserve('h:1', body, { idempotencyKey: name });
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const { key = '', options } = sent[0] ?? {};
  expect(key).toBe(keyAt('http://h:1'));
  expect(await signerOf(options?.signature ?? '', body, key)).toEqual({ ok: true, buyerKey: keys.identity.kid });
});

test('calls without a key stay without one', () => {
  open();
  void buyer.contract('h:1', 't');
  expect(sent).toEqual([{ key: '' }]);
});

test("a key that was sent to an address of somebody's choice is worth nothing at the seller", () => {
  open();
  const named = { idempotencyKey: name };
  for (const endpoint of ['h:1', 'h:2', 'https://h:1', 'http://H:1/']) {
    void buyer.release(endpoint, name);
    void buyer.endContract(endpoint, 'c', named);
    void buyer.contract(endpoint, 't', named);
    void buyer.receipt(endpoint, 'c', named);
    void buyer.purchase(endpoint, 't', {}, named);
  }
  void buyer.renew('h:2', 'c', { term: '1m', purchaseKey: name }, { idempotencyKey: 'renewal' });
  const of = (from: number): Set<string> => new Set(sent.slice(from, from + 5).map(({ key }) => key));
  expect([of(0), of(5), of(10), of(15)]).toEqual(
    ['http://h:1', 'http://h:2', 'https://h:1', 'http://h:1'].map((origin) => new Set([keyAt(origin)])),
  );
  expect(sent.at(-1)?.purchaseKey).toBe(keyAt('http://h:2'));
  expect(new Set(sent.slice(0, 20).map(({ key }) => key)).size).toBe(3);
});
