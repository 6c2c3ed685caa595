import { X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import { objectionToUrl, type AddressRules } from '../platform/address-guard.ts';
import { RearflowError } from '../platform/errors.ts';

/** Longest kubeconfig that is read, characters. */
const longest = 64 * 1024;
/** A bearer token as RFC 6750 has it: nothing in it can end a header. */
const bearer = /^[A-Za-z0-9._~+/-]+=*$/;
const Name = z.string().min(1).max(253);

/** One or more certificates in PEM, base64. */
export const CertificateData = z
  .base64('must be base64')
  .max(48 * 1024)
  .refine(holdsCertificates, 'must hold certificates in PEM');

/**
 * Address of an API server that another party named: https, nothing but host, port and path.
 *
 * @param addresses where it may lead
 */
export const serverAddress = (addresses: AddressRules) =>
  z
    .string()
    .max(2_048)
    .superRefine((text, context) => {
      const why = objectionToServer(text, addresses);
      if (why !== undefined) context.addIssue({ code: 'custom', message: why });
    });

const kubeconfig = (addresses: AddressRules) =>
  z.strictObject({
    apiVersion: z.literal('v1').optional(),
    kind: z.literal('Config').optional(),
    preferences: z.strictObject({}).nullish(),
    'current-context': Name,
    clusters: z.tuple([
      z.strictObject({
        name: Name,
        cluster: z.strictObject({
          server: serverAddress(addresses),
          'certificate-authority-data': CertificateData,
        }),
      }),
    ]),
    users: z.tuple([
      z.strictObject({
        name: Name,
        user: z.strictObject({ token: z.string().max(16_384).regex(bearer, 'must be a bearer token') }),
      }),
    ]),
    contexts: z.tuple([
      z.strictObject({
        name: Name,
        context: z.strictObject({ cluster: Name, user: Name, namespace: Name.optional() }),
      }),
    ]),
  });

/**
 * Reads a kubeconfig that another party wrote and makes it anew from its server, certificate authority and token. One
 * that holds anything else is refused: `exec` runs programs, `tokenFile` and `certificate-authority` read files,
 * `proxy-url` leads elsewhere.
 *
 * @param text YAML or JSON
 * @param addresses where its server may be
 * @returns the kubeconfig to use, JSON with exactly these three values
 * @throws RearflowError `InvalidRequest` naming field and rule, never a value
 */
export function receivedKubeconfig(text: string, addresses: AddressRules): string {
  if (text.length > longest) throw refused('has', `more than ${longest} characters`);
  const read = kubeconfig(addresses).safeParse(parsed(text));
  if (!read.success) {
    const issue = read.error.issues[0];
    const key = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const rule = key.length === 0 ? (issue?.message ?? 'is not valid') : 'is not allowed';
    throw refused([...(issue?.path ?? []), ...key].join('.').slice(0, 200) || 'it', rule);
  }
  const [{ cluster }] = read.data.clusters;
  const [{ user }] = read.data.users;
  const name = 'received';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

function parsed(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, logLevel: 'silent' });
  } catch {
    throw refused('it', 'is no YAML');
  }
}

const refused = (field: string, rule: string): RearflowError =>
  new RearflowError('InvalidRequest', `kubeconfig: ${field}: ${rule}`, {
    field,
    hint: 'A kubeconfig of another party may hold one server, its certificate authority, and a token.',
  });

function objectionToServer(text: string, addresses: AddressRules): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') return 'must be an https address';
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return 'must be host, port and path only';
  return objectionToUrl(url, addresses);
}

function holdsCertificates(base64: string): boolean {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block).subject !== '\0');
  } catch {
    return false;
  }
}
