import { z } from 'zod';
import { CertificateData, serverAddress } from '../../kubernetes/received-kubeconfig.ts';
import { objectionForOthers, type AddressRules, type Resolver } from '../../platform/address-guard.ts';
import { RearflowError } from '../../platform/errors.ts';
import { NamespaceName } from '../../schemas/names.ts';
import type { Admission } from './tenant.ts';

/** Longest certificate that is taken, characters of base64. */
const longestCertificate = 16_384;

/**
 * What may be handed to the own Liqo of an admission that the provider wrote: certificates and the address of its API
 * server. Liqo makes a kubeconfig of it, so a proxy or a cloud's credential program in it is left out. A name stays a name,
 * because the server's certificate is for it; every address that it has now is looked at.
 *
 * @throws RearflowError `InvalidRequest` naming field and rule
 * @see docs/liqo.md 3.9
 */
export async function receivedAdmission(
  admission: Admission,
  addresses: AddressRules,
  resolver?: Resolver,
): Promise<Admission> {
  const read = z
    .object({
      tenantNamespace: NamespaceName,
      authParams: z.object({
        ca: CertificateData.optional(),
        signedCRT: z.base64('must be base64').max(longestCertificate),
        apiServer: serverAddress(addresses),
      }),
    })
    .safeParse(admission);
  if (read.success) {
    const { tenantNamespace, authParams } = read.data;
    const { ca, ...rest } = authParams;
    const why = await objectionForOthers(new URL(rest.apiServer), addresses, resolver);
    if (why !== undefined) throw refused('authParams.apiServer', why);
    return { tenantNamespace, authParams: { ...rest, ...(ca === undefined ? {} : { ca }) } };
  }
  const issue = read.error.issues[0];
  const field = issue?.path.join('.') ?? 'status';
  throw refused(field, issue?.message ?? 'is not valid');
}

const refused = (field: string, rule: string): RearflowError =>
  new RearflowError('InvalidRequest', `Tenant of the seller: ${field}: ${rule}`, { field });
