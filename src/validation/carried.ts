import type { IntentCompensation } from '../messages/intent/compensations.ts';
import type { Need } from '../messages/intent/need.ts';
import type { CarriedIntent, StatusState } from '../messages/intent/state.ts';
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
  const carried = parseCarried(given);
  const { intent, deadline } = carried.need;
  const need: Need = { ...understand(intent, workflowId, 0), deadline };
  if (carried.purchase && !isOwnKey(carried.purchase.key, workflowId))
    throw invalid('carried.purchase', `is not of ${workflowId}`);
  const foreign = carried.saga.entries.findIndex((entry) => !isOwn(entry, workflowId, need));
  if (foreign >= 0) throw invalid(`carried.saga.entries.${String(foreign)}`, `undoes what is not of ${workflowId}`);
  const { receipts: _, ...rest } = carried;
  return { ...rest, need, status: withoutWords(carried.status) };
}

/**
 * Checks the shape only: for what a run of the intent itself answered.
 *
 * @throws ApplicationFailure `InvalidIntent` (non-retryable) naming the field and the rule
 */
export function parseCarried(given: unknown): CarriedIntent {
  const { error } = carriedSchema().safeParse(given);
  if (error) {
    const [issue] = error.issues;
    throw invalid(`carried.${issue?.path.join('.') ?? ''}`, issue?.message ?? 'is invalid');
  }
  // Loose on purpose: what only people read travels along as it is.
  return given as CarriedIntent;
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

function isOwn({ kind, args }: IntentCompensation, workflowId: string, need: Need): boolean {
  const { namespace, ownNamespace, intent } = need;
  switch (kind) {
    case 'release':
    case 'endContract':
      return isOwnKey(args.key, workflowId);
    case 'credentials':
      return digested.credentials.test(args.secret);
    case 'slice':
      return digested.slice.test(args.slice);
    case 'leavePair':
      return isOwnKey(args.access.key, workflowId) && args.membership.workflowId === workflowId;
    case 'pairGone':
      return args.membership.workflowId === workflowId;
    case 'leaveOffloading':
      return args.namespace === namespace && args.who.workflowId === workflowId;
    case 'offloading':
    case 'namespace':
      return ownNamespace && args.namespace === namespace;
    case 'workload':
      return args.namespace === namespace && args.intent === intent.name;
    case 'rows':
      return args.intent === intent.name && isOwnKey(args.purchase.key, workflowId);
  }
}
