import { beforeAll, expect, test } from '@jest/globals';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from './keys.ts';
import { signReservation, signerOf } from './reservation.ts';

let turin: SigningKeys;
let stranger: SigningKeys;
const reservation = { flavorID: 'f', buyerID: { ID: 'turin', IP: 'h:1' } };

beforeAll(async () => {
  turin = await loadSigningKeys(await generateSigningKey());
  stranger = await loadSigningKeys(await generateSigningKey());
});

test('a reservation tells whose key signed it, however its keys are ordered', async () => {
  const jws = await signReservation(reservation, 'k', turin.identity);
  const { flavorID, buyerID } = reservation;
  expect(await signerOf(jws, { buyerID, flavorID }, 'k')).toEqual({ ok: true, buyerKey: turin.identity.kid });
  const other = await signReservation(reservation, 'k', stranger.identity);
  expect(await signerOf(other, reservation, 'k')).toEqual({ ok: true, buyerKey: stranger.identity.kid });
});

test('a signature is worth nothing for another reservation, with another Idempotency-Key or with another key in it', async () => {
  const jws = await signReservation(reservation, 'k', turin.identity);
  expect(await signerOf(jws, { ...reservation, flavorID: 'g' }, 'k')).toEqual({ ok: false, reason: 'bad-signature' });
  expect(await signerOf(jws, reservation, 'l')).toEqual({ ok: false, reason: 'another-idempotency-key' });
  const [, , signature = ''] = jws.split('.');
  const [header = ''] = (await signReservation(reservation, 'k', stranger.identity)).split('.');
  expect(await signerOf(`${header}..${signature}`, reservation, 'k')).toMatchObject({ ok: false });
});

test.each(['', '..', 'a.b.c', 'e30..', '\u0000', 'x'.repeat(10_000)])(
  'what is no signature is refused: %j',
  async (jws) => {
    expect(await signerOf(jws, reservation, 'k')).toEqual({ ok: false, reason: 'malformed' });
  },
);

test('what has no canonical form is refused, not thrown', async () => {
  const jws = await signReservation(reservation, 'k', turin.identity);
  const broken = JSON.parse('{"a":1e999,"b":"\\ud800"}') as unknown;
  expect(await signerOf(jws, broken, 'k')).toEqual({ ok: false, reason: 'malformed' });
});

test('a node whose keys were changed keeps the identity and the secrets that sellers know it by', async () => {
  const old = JSON.parse(await generateSigningKey()) as { keys: object[] };
  const fresh = JSON.parse(await generateSigningKey()) as { keys: object[] };
  const before = await loadSigningKeys(JSON.stringify(old));
  const after = await loadSigningKeys(JSON.stringify({ keys: [...fresh.keys, ...old.keys] }));
  expect(after.kid).not.toBe(before.kid);
  expect(after.identity.kid).toBe(before.identity.kid);
  expect(after.secretOf('a')).toBe(before.secretOf('a'));
  expect(after.secretOf('b')).not.toBe(before.secretOf('a'));
  expect(turin.secretOf('a')).not.toBe(before.secretOf('a'));
});
