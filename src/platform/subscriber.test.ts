import { expect, test } from '@jest/globals';
import { subscriberOf } from './subscriber.ts';

test('who owns a network of IPv6 is one caller, whatever address it calls from', () => {
  expect(subscriberOf('2001:db8::1')).toBe(subscriberOf('2001:db8:0:0:ffff::7'));
  expect(subscriberOf('2001:db8::1')).not.toBe(subscriberOf('2001:db8:0:1::1'));
});

test('an address of IPv4 is itself, inside IPv6 too', () => {
  expect(subscriberOf('192.0.2.1')).toBe('192.0.2.1');
  expect(subscriberOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(subscriberOf('192.0.2.2')).not.toBe(subscriberOf('192.0.2.1'));
  expect(subscriberOf('')).toBe('');
});
