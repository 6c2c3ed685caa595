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
