import type { ContractDocument } from '../signing/carry.ts';
import { Flavor, type Contract, type NodeIdentity, type Transaction } from '../schemas/wire.ts';
import { listBudget } from '../schemas/budgets.ts';
import { tolerant } from './plain.ts';

/**
 * A flavor as Go reads it: `charateristics` (sic) beside the right spelling, lower-case type names, country in
 * `altitude`, and no timestamp rather than an empty one, which would fail a Go consumer's whole discovery.
 *
 * @see docs/rear.md 1.2, 5.1
 */
export function wireFlavor(flavor: Flavor): Record<string, unknown> {
  const { type, timestamp, providerID, owner, ...rest } = flavor;
  const data = type.name === 'k8slice' ? { charateristics: type.data.characteristics, ...type.data } : type.data;
  const made = instant(timestamp);
  return {
    ...defined(rest),
    providerID: providerID === '' ? owner.ID : providerID,
    type: { name: type.name, data },
    owner: wireIdentity(owner),
    ...(made === undefined ? {} : { timestamp: made }),
  };
}

export function wireTransaction(transaction: Transaction): Record<string, unknown> {
  const { buyer, expirationTime, ...rest } = transaction;
  return { ...defined(rest), buyer: wireIdentity(buyer), expirationTime: instant(expirationTime) ?? expirationTime };
}

/** A contract as Go reads it; this form is what gets signed. */
export function wireContract(contract: Contract): ContractDocument {
  const { flavor, buyerID, seller, ...rest } = contract;
  return { ...defined(rest), flavor: wireFlavor(flavor), buyerID: wireIdentity(buyerID), seller: wireIdentity(seller) };
}

export interface DroppedItem {
  readonly index: number;
  readonly reason: string;
}

/**
 * Reads the answer to a LIST. One bad item costs only itself; VM and sensor flavors cannot be delivered and are skipped.
 *
 * @returns undefined when the answer is no list at all
 */
export function readFlavors(
  body: unknown,
): { readonly flavors: readonly Flavor[]; readonly dropped: readonly DroppedItem[] } | undefined {
  if (!Array.isArray(body)) return undefined;
  const flavors: Flavor[] = [];
  const dropped: DroppedItem[] = [];
  if (body.length > listBudget.items) {
    dropped.push({ index: listBudget.items, reason: `more than ${listBudget.items} items: the rest is not read` });
  }
  for (const [index, item] of body.slice(0, listBudget.items).entries()) {
    const parsed = Flavor.safeParse(lowerCaseType(tolerant(item)));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      dropped.push({
        index,
        reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`.slice(0, 256),
      });
    } else if (parsed.data.type.name === 'vm' || parsed.data.type.name === 'sensor') {
      dropped.push({ index, reason: `${parsed.data.type.name} flavors cannot be delivered yet` });
    } else flavors.push(withoutZeroTime(parsed.data));
  }
  return { flavors, dropped };
}

/** Custom resources spell the type `K8Slice`; some sellers put that on the wire. */
function lowerCaseType(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('type' in item)) return item;
  const { type } = item;
  if (typeof type !== 'object' || type === null || !('name' in type) || typeof type.name !== 'string') return item;
  return { ...item, type: { ...type, name: type.name.toLowerCase() } };
}

/** Go's zero time means "not known". */
function withoutZeroTime(flavor: Flavor): Flavor {
  const { timestamp, ...rest } = flavor;
  const made = instant(timestamp);
  return made === undefined || made.startsWith('0001-01-01') ? rest : { ...rest, timestamp: made };
}

function wireIdentity(identity: NodeIdentity): Record<string, unknown> {
  const { ID, IP, domain, additionalInformation } = identity;
  const liqoID = additionalInformation?.liqoID;
  return { ID, IP, domain, ...(liqoID === undefined ? {} : { additionalInformation: { liqoID } }) };
}

/** RFC 3339 in UTC; undefined when the text is no instant. */
function instant(text: string | undefined): string | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function defined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));
}
