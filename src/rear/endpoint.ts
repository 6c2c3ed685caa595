import { hostAndPort, type AddressRules } from '../platform/address-guard.ts';
import type { NodeConfig } from '../platform/config.ts';
import { RearflowError } from '../platform/errors.ts';

/**
 * Address of a path on a gateway.
 *
 * @param endpoint `host:port` as it stands in flavors (plain HTTP), or an origin with its scheme
 * @throws RearflowError `InvalidRequest` when it is anything else: endpoints arrive in other nodes' messages
 */
export function gatewayUrl(endpoint: string, path: string): string {
  const origin = /^https?:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const bare =
    url && url.username === '' && url.password === '' && url.pathname === '/' && url.search + url.hash === '';
  if (!url || !bare || /[\s\\]/.test(endpoint)) {
    throw new RearflowError('InvalidRequest', `"${endpoint.slice(0, 255)}" is no address of a gateway`, {
      field: 'endpoint',
      hint: 'Write it as host:port, for example 192.0.2.21:3004.',
    });
  }
  return `${url.origin}${path}`;
}

/**
 * Where a node calls other gateways: the endpoints of its configuration and its own, public addresses, and the ranges that
 * the configuration allows.
 *
 * @param own host:port of the own gateway
 */
export function addressRules(config: NodeConfig, own: readonly string[] = []): AddressRules {
  const { endpoints, allowedRanges } = config.discovery;
  return {
    any: config.allowInsecure,
    known: [...endpoints, ...own].map((each) => hostAndPort(new URL(gatewayUrl(each, '')))),
    ranges: allowedRanges,
  };
}
