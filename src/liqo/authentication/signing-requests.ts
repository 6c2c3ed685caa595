import type { Cluster, KubeObject } from '../../kubernetes/cluster.ts';
import { kinds } from '../../kubernetes/kinds.ts';
import { csrSubject } from './csr.ts';
import { keys } from '../names.ts';
import { remove } from '../remove.ts';
import type { Gone } from '../remove.ts';
import { fromBase64 } from './secret.ts';
import type { Step } from '../step.ts';

interface SigningRequest extends KubeObject {
  readonly spec: { readonly request: string };
}

/** Whose certificate: the common name, or with `organization` all certificates issued to a cluster's slices. */
export interface Holder {
  readonly commonName?: string;
  readonly organization?: string;
}

function belongsTo(request: SigningRequest, holder: Holder): boolean {
  const { commonName, organization } = csrSubject(fromBase64(request.spec.request));
  return (
    (holder.commonName !== undefined && commonName === holder.commonName) ||
    (holder.organization !== undefined && organization === holder.organization)
  );
}

/** Names of the CertificateSigningRequests that Liqo made for a holder; it never deletes them itself. */
export async function signingRequestsOf(seller: Cluster, holder: Holder): Promise<readonly string[]> {
  const selection = { labelSelector: `${keys.remoteTenantCsr}=true` };
  const { items } = await seller.list<SigningRequest>(kinds.CertificateSigningRequest, selection);
  return items.filter((item) => belongsTo(item, holder)).map((item) => item.metadata.name ?? '');
}

/** Deletes the CertificateSigningRequests of a holder. @returns them, read back. @see docs/liqo.md 6.13 */
export async function removeSigningRequests(seller: Cluster, holder: Holder, step: Step): Promise<readonly Gone[]> {
  const gone: Gone[] = [];
  for (const name of await signingRequestsOf(seller, holder)) {
    gone.push(await remove(seller, { kind: kinds.CertificateSigningRequest, name }, step));
  }
  return gone;
}
