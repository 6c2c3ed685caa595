import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SweepWorkflow } from '../../../src/messages/upkeep/messages.ts';
import { SellerClient } from '../../../src/client/seller.ts';
import { signatureKeys } from '../../../src/signing/carry.ts';
import { payloadOf } from '../../../src/signing/payload.ts';
import { Addendum } from '../../../src/signing/renewal.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import type { ContractSpec, ContractStatus } from '../../../src/schemas/tables/contract.ts';
import type { Row } from '../../../src/tables/rows.ts';
import {
  contractStatusQuery,
  contractWorkflowId,
  endSignal,
  renewUpdate,
} from '../../../src/messages/contract/messages.ts';
import { outcomeKey } from '../../../src/messages/search-attributes.ts';
import { continueAsNewSignal } from '../../../src/workflows/continue-as-new.ts';
import { startBareSeller, type BareSeller } from '../../integration/provider/chaos/bare-seller.ts';
import type { Offer } from '../../integration/provider/seller.ts';
import { until } from '../../harness/support/world.ts';
import { silenced } from './silenced.ts';
import { sold } from './sold.ts';

/*
 * What strangers and bad luck may do to a contract of a seller.
 */

const whole = { cpu: '4', memory: '4Gi', pods: '4' };
const namespace = 'fluidos';

let seller: BareSeller;
beforeAll(async () => {
  seller = await startBareSeller();
}, 180_000);
afterAll(async () => seller?.close(), 60_000);

const contractOf = (contractID: string) => seller.temporal.workflow.getHandle(contractWorkflowId(contractID));
const rowOf = async (contractID: string) =>
  await seller.cluster.get<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, contractID, namespace);
const whileFree = async (offer: Offer) => (await offer.ledger()).parcels.every(({ state }) => state === 'free');

test('a cluster id that is no label value: the contract ends, its parcel returns, an operator is told', async () => {
  const offer = await seller.offer(whole);
  const contractID = await sold(seller.temporal, offer, 'No_Label Value!');
  await until('the parcel is free again', () => whileFree(offer), 60_000);
  await until(
    'the contract is over',
    async () => (await contractOf(contractID).describe()).status.name === 'COMPLETED',
  );
  const { typedSearchAttributes } = await contractOf(contractID).describe();
  expect(typedSearchAttributes.get(outcomeKey)).toBe('NeedsOperator');
  const { items } = await seller.cluster.list<{ reason: string; metadata: object } & Row>(kinds.Event, { namespace });
  expect(items.map(({ reason }) => reason)).toContain('NeedsOperator');
}, 90_000);

test('an order to end a contract works while its placement is refused for now, again and again', async () => {
  const silence = await silenced(seller.cluster, ['', 'v1', 'configmaps'], { 'rearflow.io/placement': 'true' });
  const offer = await seller.offer(whole);
  const contractID = await sold(seller.temporal, offer, 'patient');
  await until('the placement is tried', async () => {
    const begun = await contractOf(contractID)
      .describe()
      .catch(() => undefined);
    return begun?.raw.pendingActivities?.some(
      ({ activityType, attempt }) => activityType?.name === 'enforcePlacement' && Number(attempt) > 2,
    );
  });
  const operator = new SellerClient(seller.temporal.connection as never, 'milan');
  await operator.endContract(contractID, { reason: 'enough', noticeMs: 0 });
  await until('the contract is ending', async () => {
    return ['Ending', 'Ended'].includes((await contractOf(contractID).query(contractStatusQuery)).phase);
  });
  await silence.end();
  await until('the parcel is free again', () => whileFree(offer), 60_000);
  expect((await rowOf(contractID))?.status).toMatchObject({ phase: 'Ended', reason: 'enough' });
}, 90_000);

test('renewals survive a fresh run of the contract, and a run that is lost', async () => {
  const offer = await seller.offer(whole);
  const contractID = await sold(seller.temporal, offer, 'loyal');
  await until('it is active', async () => {
    const { phase } = await contractOf(contractID)
      .query(contractStatusQuery)
      .catch(() => ({ phase: 'none' }));
    return phase === 'Active';
  });
  const end = Date.parse((await contractOf(contractID).query(contractStatusQuery)).expiresAt);
  const renew = (key: string) => contractOf(contractID).executeUpdate(renewUpdate, { args: [{ key, forMs: 60_000 }] });
  const { runId } = await contractOf(contractID).describe();

  const first = await renew('first');
  await contractOf(contractID).signal(continueAsNewSignal);
  const fresh = await until('a fresh run', async () => {
    const now = (await contractOf(contractID).describe()).runId;
    return now !== runId && now;
  });
  expect(await renew('first')).toEqual(first);
  await renew('second');

  await contractOf(contractID).terminate('a test');
  const sweep = (before: readonly string[]) =>
    seller.temporal.workflow.execute<SweepWorkflow>('sweep', {
      workflowId: `sweep-${randomUUID()}`,
      taskQueue: 'rearflow',
      args: [{ minAgeMs: 0, before }],
    });
  await sweep([contractWorkflowId(contractID)]);
  expect((await contractOf(contractID).describe()).runId).not.toBe(fresh);
  const third = await until('it renews again', () => renew('third').catch(() => false as const));
  const addendum = Addendum.parse(payloadOf(third && third.ok ? third.addendum : ''));
  expect(addendum.terms.map(({ key }) => key)).toEqual(['first', 'second', 'third']);
  expect(addendum.terms.map(({ from }) => Date.parse(from) - end)).toEqual([0, 60_000, 120_000]);
  expect((await rowOf(contractID))?.spec.extraInformation?.[signatureKeys.renewals]).toBe(
    third && third.ok && third.addendum,
  );

  await contractOf(contractID).signal(endSignal, { by: 'buyer', reason: 'enough' });
  await until('the parcel is free again', () => whileFree(offer), 60_000);
}, 90_000);
