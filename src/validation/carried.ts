import type { IntentCompensation, IntentCompensations } from '../messages/intent/compensations.ts';
import type { Need } from '../messages/intent/need.ts';
import type { CarriedIntent, StatusState } from '../messages/intent/state.ts';
import type { Compensation } from '../messages/saga.ts';
import type { GivenUp, IntentReceipt } from '../schemas/receipt.ts';
import { carriedSchema } from './carried-schema.ts';
import { invalid, understand } from './intent.ts';

/**
 * Checks a state that did not come from a run before by itself: a person, or whoever wrote the row that it was read from,
 * could name in it what belongs to others.
 *
 * @param workflowId of the intent
 * @returns the state; what follows from the intent is worked out anew, and no word of a seller in it counts: each is asked
 *   again
 * @throws ApplicationFailure `InvalidIntent` (non-retryable) naming the field and the rule
 */
export function admitCarried(given: unknown, workflowId: string): CarriedIntent {
  const parsed = carriedSchema().safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`carried.${issue?.path.join('.') ?? ''}`, issue?.message ?? 'is invalid');
  }
  const carried = given as CarriedIntent;
  const { intent, deadline } = carried.need;
  const need: Need = { ...understand(intent, workflowId, 0), deadline };
  if (carried.purchase && !isOwnKey(carried.purchase.key, workflowId))
    throw invalid('carried.purchase', `is not of ${workflowId}`);
  const foreign = carried.saga.entries.findIndex((entry) => !isOwn(entry, workflowId, need));
  if (foreign >= 0) throw invalid(`carried.saga.entries.${String(foreign)}`, `undoes what is not of ${workflowId}`);
  const { receipts: _, ...rest } = carried;
  return { ...rest, need, status: withoutWords(carried.status) };
}

/** What the run before had checked stands here unchecked. */
function withoutWords({ givenUp, receipt, ...status }: StatusState): StatusState {
  const unsaid = (list: readonly GivenUp[]): GivenUp[] => list.map(({ jws: _, ...given }) => given);
  return {
    ...status,
    ...(givenUp === undefined ? {} : { givenUp: unsaid(givenUp) }),
    ...(receipt === undefined ? {} : { receipt: withoutWord(receipt) }),
  };

  function withoutWord({ givenUp: given, ...rest }: IntentReceipt): IntentReceipt {
    const { providerReceipt } = rest;
    return {
      ...rest,
      ...(given === undefined ? {} : { givenUp: unsaid(given) }),
      ...(providerReceipt.state === 'none'
        ? {}
        : { providerReceipt: { state: 'missing', detail: 'the seller is asked again' } }),
    };
  }
}

/** Every key of an intent begins with its workflow: a seller does for it what its owner may ask for. */
const isOwnKey = (key: string, workflowId: string): boolean => key.startsWith(`${workflowId}:`);

/** Names that hold a digest; whose the object is says its owner, which the undo reads before it deletes. */
const digested = { credentials: /^rearflow-credentials-[0-9a-f]{16}$/, slice: /^rf-[0-9a-f]{16}$/ };

function isOwn({ kind, args }: Compensation<IntentCompensation>, workflowId: string, need: Need): boolean {
  const of = <K extends IntentCompensation>(_: K): IntentCompensations[K] => args as IntentCompensations[K];
  const { namespace, ownNamespace, intent } = need;
  switch (kind) {
    case 'release':
    case 'endContract':
      return isOwnKey(of(kind).key, workflowId);
    case 'credentials':
      return digested.credentials.test(of(kind).secret);
    case 'slice':
      return digested.slice.test(of(kind).slice);
    case 'leavePair':
      return isOwnKey(of(kind).access.key, workflowId) && of(kind).membership.workflowId === workflowId;
    case 'pairGone':
      return of(kind).membership.workflowId === workflowId;
    case 'leaveOffloading':
      return of(kind).namespace === namespace && of(kind).who.workflowId === workflowId;
    case 'offloading':
    case 'namespace':
      return ownNamespace && of(kind).namespace === namespace;
    case 'workload':
      return of(kind).namespace === namespace && of(kind).intent === intent.name;
    case 'rows':
      return of(kind).intent === intent.name && isOwnKey(of(kind).purchase.key, workflowId);
  }
}
