import { createHash } from 'node:crypto';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import type { Candidate } from '../../messages/intent/candidate.ts';
import type { FlavorSpec } from '../../schemas/tables/flavor.ts';
import type { PeeringCandidateSpec, PeeringCandidateStatus } from '../../schemas/tables/peering-candidate.ts';
import { Flavor } from '../../schemas/wire.ts';
import { observeRow } from '../../tables/cache-rows.ts';
import { flavorSpec, wireFlavorOf } from '../../tables/codec.ts';
import type { Row } from '../../tables/rows.ts';

/** For which intent an offer was seen, when, and until when that counts; milliseconds since the epoch. */
export interface Seen {
  readonly intent: string;
  readonly now: number;
  readonly expiresAt: number;
}

/** Longest flavor id that fits into the name of a row beside the rest of it. */
const longestId = 220;

/** Name of the row of a candidate: whoever offers under the id of somebody else writes another row. */
export function candidateName(flavorID: string, endpoint: string): string {
  const hash = createHash('sha256').update(`${endpoint} ${flavorID}`).digest('hex').slice(0, 10);
  return `peeringcandidate-${flavorID.slice(0, longestId)}-${hash}`.toLowerCase();
}

/** Flavors of this node that are free now: a local use is a sale to oneself. @see docs/steps.md 3 */
export async function ownCandidates(cluster: Cluster, namespace: string, endpoint: string): Promise<Candidate[]> {
  const { items } = await cluster.list<Row<FlavorSpec>>(tableKinds.Flavor, { namespace });
  return items
    .filter(({ spec, metadata }) => spec.availability && metadata.deletionTimestamp === undefined)
    .flatMap(({ spec, metadata }) => candidate(metadata.name ?? '', spec, endpoint, metadata.creationTimestamp));
}

/** Somebody else's flavors as last seen, as long as they are valid. @see docs/steps.md 5 */
export async function knownCandidates(cluster: Cluster, namespace: string, now: number): Promise<Candidate[]> {
  const kind = tableKinds.PeeringCandidate;
  const { items } = await cluster.list<Row<PeeringCandidateSpec, PeeringCandidateStatus>>(kind, { namespace });
  return items
    .filter(({ spec, status }) => spec.available && Date.parse(status?.expirationTime ?? '') > now)
    .flatMap(({ spec }) => {
      const { metadata, spec: fields } = spec.flavor;
      return candidate(metadata?.name ?? '', fields, spec.endpoint ?? fields.owner.ip);
    });
}

/** Remembers what a LIST brought. @see docs/steps.md 10 */
export async function rememberCandidate(
  cluster: Cluster,
  namespace: string,
  { flavor, endpoint }: Candidate,
  seen: Seen,
): Promise<void> {
  const at = new Date(seen.now).toISOString();
  const spec: PeeringCandidateSpec = {
    flavor: { metadata: { name: flavor.flavorID }, spec: flavorSpec(flavor) },
    available: flavor.availability,
    interestedSolverIDs: [seen.intent],
    endpoint,
    observedAt: at,
  };
  const expirationTime = new Date(seen.expiresAt).toISOString();
  const status: PeeringCandidateStatus = { creationTime: at, lastUpdateTime: at, expirationTime };
  const name = candidateName(flavor.flavorID, endpoint);
  await observeRow(cluster, { kind: tableKinds.PeeringCandidate, namespace, name, spec }, status);
}

function candidate(
  flavorID: string,
  spec: Parameters<typeof wireFlavorOf>[1],
  endpoint: string,
  timestamp?: string,
): Candidate[] {
  const flavor = Flavor.safeParse(wireFlavorOf(flavorID, spec, timestamp));
  return flavor.success ? [{ flavor: flavor.data, endpoint }] : [];
}
