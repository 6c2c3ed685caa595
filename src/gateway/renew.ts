import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { BackendAnswer, BackendRefusal } from '../rear/backend.ts';
import { parseDuration } from '../schemas/duration.ts';
import type { Renewal, RenewalRequest } from '../schemas/renewal.ts';
import { contractWorkflowId, renewUpdate } from '../messages/contract/messages.ts';
import type { ContractRow } from './contract-store.ts';
import type { BuyerIdentity } from './buyer-identity.ts';

/** How long a renewal waits for its signature, milliseconds. */
const signingMs = 20_000;

const invalid = (field: string, rule: string): BackendRefusal => ({
  ok: false,
  code: 'InvalidRequest',
  detail: `${field}: ${rule}`,
  field,
});
const refused = (detail: string): BackendRefusal => ({ ok: false, code: 'CannotRenew', detail });

/**
 * Adds time to a contract of this node.
 *
 * @param key Idempotency-Key of the renewal: the same one twice is one renewal
 */
export async function renewContract(
  client: Client,
  identity: Pick<BuyerIdentity, 'notOwner'>,
  row: ContractRow,
  { term, purchaseKey }: RenewalRequest,
  key: string | undefined,
): Promise<BackendAnswer<{ readonly renewal: Renewal }>> {
  const stranger = identity.notOwner(row, purchaseKey);
  if (stranger) return stranger;
  const forMs = parseDuration(term);
  if (forMs === undefined || forMs <= 0) return invalid('term', 'must be a duration such as 30m');
  if (key === undefined) return invalid('Idempotency-Key', 'is needed, so that a repeat is no second renewal');
  if (row.status?.phase !== 'Active') return refused(`the contract is ${row.status?.phase ?? 'not open yet'}`);
  const contractID = row.metadata.name ?? '';
  try {
    const handle = client.workflow.getHandle(contractWorkflowId(contractID));
    const answer = await client.withDeadline(Date.now() + signingMs, () =>
      handle.executeUpdate(renewUpdate, { args: [{ key, forMs }] }),
    );
    if (!answer.ok) return refused(answer.reason);
    const { expirationTime, addendum, cost } = answer;
    return { ok: true, renewal: { contractID, expirationTime, addendum, cost } };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return refused('the contract is over');
    throw error;
  }
}
