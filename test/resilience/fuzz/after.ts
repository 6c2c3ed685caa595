import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Ledger } from '../../../src/market/ledger/state.ts';
import { budgets, byteLength } from '../../../src/schemas/budgets.ts';
import { auditLedger } from '../../integration/provider/chaos/audit.ts';
import type { BareSeller } from '../../integration/provider/chaos/bare-seller.ts';
import { Buyer } from '../../integration/provider/buyer.ts';
import type { Offer } from '../../integration/provider/seller.ts';
import { shown, type Finding } from './finding.ts';

/** Time to purchase, the places of those who hung up, and the ends of contracts, milliseconds. */
const settleMs = 60_000;
const lookEveryMs = 500;
/** An activity that failed so often since the requests ended is tried without an end. */
const manyAttempts = 6;

/** Ends every contract and waits until nothing is held, sold or queued. @returns what still is */
export async function settled({ temporal }: BareSeller, offers: readonly Offer[]): Promise<Finding[]> {
  const end = Date.now() + settleMs;
  const told = new Set<string>();
  for (;;) {
    const ledgers = await Promise.all(offers.map((offer) => offer.ledger()));
    for (const contractID of ledgers.flatMap(soldBy).filter((each) => !told.has(each))) {
      told.add(contractID);
      const order = { by: 'operator', reason: 'the fuzz is over', noticeMs: 0 };
      // It may not be open yet: then it is told at the next look.
      await temporal.workflow
        .getHandle(`contract/${contractID}`)
        .signal('end', order)
        .catch(() => told.delete(contractID));
    }
    const left = ledgers.flatMap(open);
    if (left.length === 0 || Date.now() > end) return [...left, ...ledgers.flatMap(bounded)];
    await delay(lookEveryMs);
  }
}

const soldBy = ({ parcels }: Ledger): string[] =>
  parcels.flatMap(({ state, contractID }) => (state === 'sold' ? (contractID ?? []) : []));

function open({ origin, sales, tickets, parcels }: Ledger): Finding[] {
  const held = sales.filter(({ phase }) => phase === 'Held').map(({ transactionID }) => `hold ${transactionID}`);
  const queued = tickets.map(({ key }) => `a place of ${shown(key).slice(0, 80)}`);
  const sold = parcels.filter(({ state }) => state === 'sold').map(({ contractID = '' }) => `contract ${contractID}`);
  return [...held, ...queued, ...sold].map((what): Finding => ({ kind: 'leak', what: `${origin.name}: ${what}` }));
}

function bounded(ledger: Ledger): Finding[] {
  const bytes = byteLength(ledger);
  const large = bytes <= budgets.state ? [] : [`${ledger.origin.name}: a ledger of ${String(bytes)} bytes`];
  return [...auditLedger(ledger), ...large].map((what): Finding => ({ kind: 'leak', what }));
}

/** Reserves at every inventory and gives it back. @returns those that do not sell any more */
export async function inventoriesAfter(port: number, offers: readonly Offer[]): Promise<Finding[]> {
  const buyer = new Buyer();
  const base = `http://127.0.0.1:${String(port)}/api/v2`;
  const asked = await Promise.all(
    offers.map(async ({ hash, ledger }): Promise<Finding[]> => {
      const flavorID = (await ledger()).parcels.find(({ state }) => state === 'free')?.flavorID ?? 'none';
      const key = { 'idempotency-key': `after:${flavorID}`, prefer: 'wait=0' };
      const signal = AbortSignal.timeout(20_000);
      const answer = await buyer.reserve(base, flavorID, 'honest', {}, key, signal).catch(String);
      const fine = typeof answer !== 'string' && answer.status === 200;
      await buyer.send('DELETE', `${base}/reservations/after:${flavorID}`).catch(() => undefined);
      const why = typeof answer === 'string' ? answer : shown(answer.text);
      return fine ? [] : [{ kind: 'wedged', what: `inventory ${hash} does not sell any more: ${why}` }];
    }),
  );
  await buyer.close();
  return asked.flat();
}

/** Workflows whose tasks fail, activities that are tried without an end, and contracts that do not end. */
export async function stuckWorkflows({ workflow }: Client): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const { workflowId, runId, type } of workflow.list({ query: `ExecutionStatus = 'Running'` })) {
    const { raw } = await workflow.getHandle(workflowId, runId).describe();
    const task = raw.pendingWorkflowTask?.attempt ?? 1;
    const failing = (raw.pendingActivities ?? []).map(
      ({ activityType, attempt, lastFailure }) =>
        `${activityType?.name ?? ''}, attempt ${String(attempt ?? 1)}: ${shown(lastFailure?.message ?? 'under way')}`,
    );
    const often = (raw.pendingActivities ?? []).some(({ attempt }) => (attempt ?? 1) >= manyAttempts);
    if (task > 2) findings.push({ kind: 'wedged', what: `${workflowId}: a task failed ${String(task - 1)} times` });
    if (often || type === 'contract') {
      findings.push({ kind: often ? 'wedged' : 'leak', what: `${workflowId} runs: ${failing.join('; ') || 'idle'}` });
    }
  }
  return findings;
}
