import { z } from 'zod';
import { longestReceipt } from '../schemas/read-backs.ts';
import { IntentReceipt, Outcome, PhaseName, ReadBack } from '../schemas/receipt.ts';

/*
 * What a person may start an intent with in place of a run before. Only the shape is told here; what of it belongs to
 * the intent says `admit-carried`. Made when it is needed: a workflow pays for every schema of its modules.
 */

const text = (max = 2_048) => z.string().max(max);
const list = <T extends z.ZodType>(of: T, most = 1_000) => z.array(of).max(most);

function undoSchema() {
  const keyed = { endpoint: text(), key: text() };
  const membership = z.looseObject({
    direction: z.literal('bought'),
    member: text(253),
    workflowId: text(),
    credentialsSecret: text(253).optional(),
  });
  const pair = { cluster: text(253), membership };
  const access = z.looseObject({ ...keyed, transactionID: text(253), credentialsSecret: text(253) });
  const args = {
    release: z.looseObject({ ...keyed, seller: text(), flavorID: text() }),
    endContract: z.looseObject({
      ...keyed,
      transactionID: text(253),
      contractID: text(253).optional(),
      reason: text(),
    }),
    credentials: z.looseObject({ secret: text(253) }),
    leavePair: z.looseObject({ ...pair, access }),
    pairGone: z.looseObject(pair),
    slice: z.looseObject({ cluster: text(253), slice: text(253) }),
    offloading: z.looseObject({ namespace: text(63) }),
    leaveOffloading: z.looseObject({
      namespace: text(63),
      who: z.looseObject({ workflowId: text(), provider: text(253) }),
    }),
    namespace: z.looseObject({ namespace: text(63) }),
    workload: z.looseObject({ namespace: text(63), intent: text(63) }),
    rows: z.looseObject({ intent: text(63), purchase: purchaseSchema() }),
  };
  const common = {
    id: text(),
    after: list(text()),
    atLatestMs: z.number().nonnegative().optional(),
    group: text(253).optional(),
  };
  const entry = <K extends keyof typeof args>(kind: K) =>
    z.looseObject({ ...common, kind: z.literal(kind), args: args[kind] });
  return z.discriminatedUnion('kind', [
    entry('release'),
    entry('endContract'),
    entry('credentials'),
    entry('leavePair'),
    entry('pairGone'),
    entry('slice'),
    entry('offloading'),
    entry('leaveOffloading'),
    entry('namespace'),
    entry('workload'),
    entry('rows'),
  ]);
}

function purchaseSchema() {
  return z.looseObject({
    contractID: text(253),
    transactionID: text(253),
    key: text(),
    endpoint: text(),
    sellerCluster: text(253),
    amounts: z.record(z.string(), z.string()),
    expiresAt: z.iso.datetime(),
    slice: text(253),
    credentialsSecret: text(253),
    local: z.boolean(),
    localNode: text(253),
    contract: z.looseObject({
      contractID: text(253),
      flavor: z.looseObject({ flavorID: text(253) }),
      seller: z.looseObject({ ID: text() }),
    }),
  });
}

function storySchema() {
  return z.looseObject({
    intent: text(63),
    startedAt: z.iso.datetime(),
    phase: z.union([PhaseName, z.literal('ended')]),
    waitingFor: text(),
    phases: list(z.looseObject({ phase: PhaseName, since: z.iso.datetime() }), 20),
    workload: z.looseObject({
      counts: z.record(z.string(), z.number()),
      pods: list(z.looseObject({ name: text(253) })),
    }),
    givenUp: list(z.looseObject({ provider: text(), contractID: text(253), transactionID: text(253) })).optional(),
    receipt: IntentReceipt.optional(),
    decision: z.looseObject({ refusals: list(z.looseObject({ flavorID: text(), reason: text(8_192) })) }).optional(),
  });
}

const longestMs = 7 * 86_400_000;

/** Shape of a carried intent; the intent itself is checked like any other input. */
export function carriedSchema() {
  const ms = z.number().int().min(1).max(longestMs);
  const counts = list(z.tuple([text(), z.number().int().nonnegative()]));
  return z.looseObject({
    need: z.looseObject({ intent: z.looseObject({ name: text(63) }), deadline: z.number() }),
    purchase: purchaseSchema().optional(),
    status: storySchema(),
    saga: z.looseObject({ entries: list(undoSchema()), readBacks: list(ReadBack, 10_000) }),
    limits: z.looseObject({
      peeringMs: ms,
      startMs: ms.optional(),
      undoMs: ms,
      againMs: ms.optional(),
      contractEndMs: ms,
      forcedUnpeerMs: ms,
    }),
    search: z.looseObject({ tried: list(text()), asked: counts, letDowns: counts }).optional(),
    receipts: z.record(z.string(), text(longestReceipt * 2)).optional(),
    cleanup: z.looseObject({ outcome: Outcome, reason: text(8_192).optional() }).optional(),
  });
}
