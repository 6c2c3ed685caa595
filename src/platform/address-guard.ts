import { lookup as resolve, type LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, type Dispatcher } from 'undici';

/** Which addresses a node may call because somebody else named them. */
export interface AddressRules {
  /** No rule at all: a laboratory that trusts its network. */
  readonly any: boolean;
  /** host:port that the configuration names itself; always allowed. */
  readonly known: readonly string[];
  /** CIDR ranges beyond the public ones. */
  readonly ranges: readonly string[];
}

/** Calls whoever is named. */
export const anyAddress: AddressRules = { any: true, known: [], ranges: [] };

/** The address belongs to a range that a message from outside must not lead to. */
export class AddressRefused extends Error {
  constructor(host: string, why: string) {
    super(`${host} ${why}; discovery.allowedRanges may allow it`);
    this.name = 'AddressRefused';
  }
}

/** Names that only a resolver inside a cluster or a cloud knows. */
const internalName = /(^|\.)(localhost|svc|local|internal)\.?$|^[^.]+\.?$/i;

/**
 * Why an IP address must not be called; undefined when it may be.
 *
 * Only public unicast addresses pass by themselves: IPv4 inside IPv6, loopback, link-local (where clouds keep their
 * metadata) and private ranges (where clusters keep their Services) do not.
 */
export function objectionTo(address: string, ranges: readonly string[]): string | undefined {
  if (!ipaddr.isValid(address)) return 'is no IP address';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'unicast' || ranges.some((each) => covers(each, parsed))) return undefined;
  return `leads to ${parsed.toString()}, a ${range} address`;
}

/** @returns whether a text is a CIDR range */
export const isRange = (text: string): boolean => ipaddr.isValidCIDR(text);

function covers(range: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const [network, bits] = ipaddr.parseCIDR(range);
  return network.kind() === address.kind() && address.match(network, bits);
}

/** A pool of keep-alive connections that {@link AddressRules} hold for. The caller closes it. */
export function guardedDispatcher(rules: AddressRules, connectTimeoutMs: number): Dispatcher {
  const { known, ranges } = rules;
  const plain = buildConnector({ timeout: connectTimeoutMs });
  const guarded = buildConnector({ timeout: connectTimeoutMs, lookup: checkedLookup(ranges) });
  const connect: buildConnector.connector = (options, callback) => {
    const { hostname, port, protocol } = options;
    const at = hostAndPort({ hostname: hostname.includes(':') ? `[${hostname}]` : hostname, port, protocol });
    if (rules.any || known.includes(at)) return plain(options, callback);
    const why = objectionToHost(hostname, ranges);
    if (why !== undefined) return callback(new AddressRefused(hostname, why), null);
    guarded(options, callback);
  };
  return new Agent({ keepAliveTimeout: 30_000, connect, pipelining: 1 });
}

/**
 * What is wrong with an address in a message, as far as it tells itself; the connection looks at what its name leads to.
 *
 * @returns undefined when nothing is
 */
export function objectionToUrl(url: URL, { any, known, ranges }: AddressRules): string | undefined {
  if (any || known.includes(hostAndPort(url))) return undefined;
  return objectionToHost(url.hostname.replace(/^\[|\]$/g, ''), ranges);
}

/** All addresses that a name has now. */
export type Resolver = (host: string) => Promise<readonly Pick<LookupAddress, 'address'>[]>;
const allOf: Resolver = (host) => lookup(host, { all: true });

/**
 * What is wrong with an address that a program beside this one will call. It resolves a name by itself and may take any of
 * its addresses, so all of them are looked at.
 *
 * @returns undefined when nothing is
 * @throws Error when the resolver does not answer now
 */
export async function objectionForOthers(
  url: URL,
  rules: AddressRules,
  resolver: Resolver = allOf,
): Promise<string | undefined> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const why = objectionToUrl(url, rules);
  if (why !== undefined || rules.any || rules.known.includes(hostAndPort(url)) || ipaddr.isValid(host)) return why;
  const found = await resolver(host).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') return [];
    throw error;
  });
  if (found.length === 0) return 'has no address';
  return found.map(({ address }) => objectionTo(address, rules.ranges)).find((each) => each !== undefined);
}

/** An address in numbers is connected to without a look-up. */
function objectionToHost(host: string, ranges: readonly string[]): string | undefined {
  if (ipaddr.isValid(host)) return objectionTo(host, ranges);
  return internalName.test(host) ? 'is a name of an inner network' : undefined;
}

const standardPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** @returns host:port of an address, as {@link AddressRules} know it */
export const hostAndPort = ({ hostname, port, protocol }: Pick<URL, 'hostname' | 'port' | 'protocol'>): string =>
  `${hostname}:${port || (standardPorts[protocol] ?? '')}`;

/**
 * Resolves a name for {@link AddressRules}. The connection goes to the very addresses that were checked: a second answer of
 * the resolver does not count.
 */
export function checkedLookup(ranges: readonly string[]): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => objectionTo(address, ranges) === undefined);
      const [first] = allowed;
      if (!first) {
        const why = objectionTo(addresses[0]?.address ?? '', ranges) ?? 'has no address';
        return callback(new AddressRefused(hostname, why), []);
      }
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}
