import { signReservation } from '../signing/reservation.ts';
import type { SigningKeys } from '../signing/keys.ts';
import type { RearClient } from './client.ts';
import { gatewayUrl } from './endpoint.ts';

/** An id of rearflow, which tells a seller to which of its origins a key belongs. */
const rearflowId = /[0-9a-f]{10}-[0-9a-f]{22}-\d{16,20}/;

/**
 * A client whose node is known to sellers: it signs what it reserves, and what callers name as Idempotency-Key is only the
 * name of a key that is made here, when it is sent. Whoever reads the name in a history or a row proves nothing with it.
 * Each gateway gets a key of its own: one that was sent to an address of somebody's choice opens nothing elsewhere.
 */
export function asKnownBuyer(rear: RearClient, keys: Pick<SigningKeys, 'identity' | 'secretOf'>): RearClient {
  const keyOf = (endpoint: string, name: string): string =>
    [keys.secretOf(`${gatewayUrl(endpoint, '')}\n${name}`), ...(rearflowId.exec(name) ?? [])].join(':');
  const keyed = <T extends { readonly idempotencyKey?: string }>(endpoint: string, options: T): T =>
    options.idempotencyKey === undefined
      ? options
      : { ...options, idempotencyKey: keyOf(endpoint, options.idempotencyKey) };

  return {
    ...rear,
    async reserve(endpoint, body, options) {
      const known = keyed(endpoint, options);
      const signature = await signReservation(body, known.idempotencyKey, keys.identity);
      return rear.reserve(endpoint, body, { ...known, signature });
    },
    purchase: (endpoint, transactionID, body, options) =>
      rear.purchase(endpoint, transactionID, body, keyed(endpoint, options)),
    release: (endpoint, name, options) => rear.release(endpoint, keyOf(endpoint, name), options),
    contract: (endpoint, transactionID, options = {}) =>
      rear.contract(endpoint, transactionID, keyed(endpoint, options)),
    endContract: (endpoint, contractID, options = {}) =>
      rear.endContract(endpoint, contractID, keyed(endpoint, options)),
    receipt: (endpoint, contractID, options = {}) => rear.receipt(endpoint, contractID, keyed(endpoint, options)),
    // The key of a renewal proves nothing, and stands in what the seller signs.
    renew: (endpoint, contractID, { purchaseKey, ...body }, options) =>
      rear.renew(
        endpoint,
        contractID,
        purchaseKey === undefined ? body : { ...body, purchaseKey: keyOf(endpoint, purchaseKey) },
        options,
      ),
  };
}
