import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { ContractVerdict } from '../signing/carry.ts';
import { readText } from '../client/read-text.ts';
import { RearflowError } from '../platform/errors.ts';
import { createDispatcher, exchange } from '../platform/http-exchange.ts';
import { gatewayUrl } from '../rear/endpoint.ts';

const Document = z.record(z.string(), z.unknown());
const Carried = z.object({ contract: Document });
const Seller = z.object({ seller: z.object({ IP: z.string() }) });
const Keys = z.object({ keys: z.array(Document) });

/** How long a gateway may take to give its keys, milliseconds. */
const keysMs = 5_000;
/** Longest set of keys that is read, bytes. */
const keysBytes = 64 * 1024;

/**
 * Checks a contract that was saved as JSON: as it came over the wire, or as `rearflow contract show -o json` prints it.
 *
 * @param jwks file or http address of the seller's public keys; by default its gateway is asked
 * @throws RearflowError `InvalidRequest` when file or keys cannot be read
 */
export async function verifyFile(file: string, jwks: string | undefined): Promise<ContractVerdict> {
  const read = Document.safeParse(jsonOf(await textOf(file), file));
  if (!read.success) throw unreadable(file, 'holds no JSON object');
  const document = Carried.safeParse(read.data).data?.contract ?? read.data;
  const seller = Seller.safeParse(document).data?.seller.IP;
  if (jwks === undefined && seller === undefined)
    throw unreadable(file, 'names no seller that could be asked for its keys');
  const source = jwks ?? gatewayUrl(seller ?? '', '/.well-known/jwks.json');
  const text = /^https?:\/\//.test(source) ? await fetched(source) : await textOf(source);
  const keys = Keys.safeParse(jsonOf(text, source));
  if (!keys.success) throw unreadable(source, 'holds no set of public keys');
  const { verifyContract } = await import('../signing/carry.ts');
  return verifyContract(document, keys.data as unknown as JSONWebKeySet);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (cause) {
    throw unreadable(file, 'cannot be read', cause);
  }
}

async function fetched(address: string): Promise<string> {
  const dispatcher = createDispatcher(keysMs);
  try {
    const call = { dispatcher, method: 'GET', url: address, timeoutMs: keysMs, maxBytes: keysBytes } as const;
    const { status, text } = await exchange(call);
    if (status === 200) return text;
    throw new Error(`it answers ${String(status)}`);
  } catch (cause) {
    throw unreadable(address, 'gives no keys', cause);
  } finally {
    await dispatcher.close();
  }
}

function jsonOf(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw unreadable(source, 'is no JSON', cause);
  }
}

const unreadable = (source: string, why: string, cause?: unknown): RearflowError =>
  new RearflowError('InvalidRequest', `${source}: ${why}`, {
    hint: 'Save a contract with `rearflow contract show ID -o json`, keys from /.well-known/jwks.json of the seller.',
    cause,
  });
