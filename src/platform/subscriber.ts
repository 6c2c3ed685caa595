import ipaddr from 'ipaddr.js';

/** Bytes of an IPv6 address that tell one subscriber from another; the rest is the subscriber's own choice. */
const networkBytes = 8;

/** Whom a limit per address counts: one address of IPv4, one network of IPv6. */
export function subscriberOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${Buffer.from(parsed.toByteArray().slice(0, networkBytes)).toString('hex')}/64`;
}
