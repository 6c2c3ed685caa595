import { expect, test } from '@jest/globals';
import { openReservationKeys } from './reservation-keys.ts';

const [here, there] = ['0123456789', 'abcdef0123'];

test('a flood of refused reservations does not push out the key of an honest one', () => {
  const keys = openReservationKeys();
  keys.begin('honest', here)?.('held');
  keys.begin('patient', here)?.('placed');
  for (let index = 0; index < 20_000; index += 1) keys.begin(`refused-${String(index)}`, there)?.('nothing');
  expect([keys.originOf('honest', ''), keys.originOf('patient', '')]).toEqual([here, here]);
  expect(keys.originOf('refused-19999', '')).toBeUndefined();
});

test('a flood of places in queues does not push out the key of a hold', () => {
  const keys = openReservationKeys();
  keys.begin('honest', here)?.('held');
  for (let index = 0; index < 20_000; index += 1) keys.begin(`waiting-${String(index)}`, there)?.('placed');
  expect(keys.originOf('honest', '')).toBe(here);
});

test('a loop of holds that are given back does not push out the key of one that lives', () => {
  const keys = openReservationKeys();
  keys.begin('honest', here)?.('held');
  for (let index = 0; index < 20_000; index += 1) {
    keys.begin(`loop-${String(index)}`, there)?.('held');
    keys.forget(`loop-${String(index)}`);
  }
  expect(keys.originOf('honest', '')).toBe(here);
});

test('a release finds a reservation that is under way, as long as one of its calls is', () => {
  const keys = openReservationKeys();
  const calls = [keys.begin('k', here), keys.begin('k', here)];
  calls[0]?.('nothing');
  expect([keys.seen('k'), keys.originOf('k', '')]).toEqual([true, here]);
  calls[1]?.('nothing');
  expect([keys.seen('k'), keys.originOf('k', '')]).toEqual([false, undefined]);
});

test('a key that was released before its reservation came buys nothing', () => {
  const keys = openReservationKeys();
  keys.bar('early');
  expect(keys.begin('early', here)).toBeUndefined();
});
