import { isIP, isIPv6 } from 'node:net';
import { objectionForOthers, type AddressRules, type Resolver } from '../platform/address-guard.ts';
import { RearflowError } from '../platform/errors.ts';
import type { ClientEndpoint } from './network/objects.ts';

/**
 * Where the own Liqo may look for the other end of a tunnel: of the addresses that the provider wrote, those that lead
 * where a message from outside may lead.
 *
 * @throws RearflowError `InvalidRequest` when none is left
 */
export async function receivedEndpoint(
  { addresses, port }: ClientEndpoint,
  rules: AddressRules,
  resolver?: Resolver,
): Promise<ClientEndpoint> {
  const objections = await Promise.all(
    addresses.slice(0, mostAddresses).map(async (address) => {
      const text = `https://${isIPv6(address) ? `[${address}]` : address}`;
      const url = URL.canParse(text) ? new URL(text) : undefined;
      // What reads as more than a host, or as another one, may be read in yet another way by Liqo.
      if (!url || (isIP(address) === 0 && url.hostname !== address.toLowerCase())) return 'is no address';
      return objectionForOthers(url, rules, resolver);
    }),
  );
  const allowed = addresses.filter((_, index) => index < mostAddresses && objections[index] === undefined);
  if (allowed.length > 0) return { addresses: allowed, port };
  const field = 'status.endpoint.addresses';
  const why = objections[0] ?? 'holds no address';
  throw new RearflowError('InvalidRequest', `GatewayServer of the seller: ${field}: ${why}`, { field });
}

/** A cluster may name the nodes of its gateway; nobody needs more of them. */
const mostAddresses = 16;
