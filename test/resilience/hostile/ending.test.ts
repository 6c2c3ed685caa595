import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { allocationName } from '../../../src/activities/inventory/rows.ts';
import type { ContractSpec, ContractStatus } from '../../../src/schemas/tables/contract.ts';
import type { Row } from '../../../src/tables/rows.ts';
import type { ContractInput } from '../../../src/messages/contract/state.ts';
import {
  contractStatusQuery,
  contractWorkflowId,
  endSignal,
  sliceAdmittedSignal,
} from '../../../src/messages/contract/messages.ts';
import { continueAsNewSignal } from '../../../src/workflows/continue-as-new.ts';
import { startBareSeller, type BareSeller } from '../../integration/provider/chaos/bare-seller.ts';
import { until } from '../../harness/support/world.ts';
import { silenced } from './silenced.ts';
import { sold } from './sold.ts';

/*
 * A contract whose end takes weeks: its history does not grow with them.
 */

const namespace = 'fluidos';

let seller: BareSeller;
beforeAll(async () => {
  seller = await startBareSeller({ teardown: { retryFor: '4s' } });
}, 180_000);
afterAll(async () => seller?.close(), 60_000);

const contractOf = (contractID: string) => seller.temporal.workflow.getHandle(contractWorkflowId(contractID));
const phaseOf = async (contractID: string): Promise<string> =>
  contractOf(contractID)
    .query(contractStatusQuery)
    .then(({ phase }) => phase)
    .catch(() => 'none');
const rowOf = async (contractID: string) =>
  await seller.cluster.get<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, contractID, namespace);

/** @returns what a fresh run of the contract was started with */
async function rolledOver(contractID: string): Promise<ContractInput['carried']> {
  const { runId } = await contractOf(contractID).describe();
  await contractOf(contractID).signal(continueAsNewSignal);
  await until('a fresh run', async () => (await contractOf(contractID).describe()).runId !== runId, 60_000);
  const { events = [] } = await contractOf(contractID).fetchHistory();
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload<ContractInput>(payload).carried : undefined;
}

/** From now on the API server lets no allocation become active, and never will. */
async function refuseAllocations(transactionID: string): Promise<void> {
  const rule = {
    apiGroups: ['nodecore.fluidos.eu'],
    apiVersions: ['*'],
    operations: ['UPDATE'],
    resources: ['allocations/status'],
  };
  const expression = 'object.?status.?status.orValue("") != "Active"';
  const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression }] };
  const metadata = { name: 'never-active' };
  await seller.cluster.create<Row>(kinds.ValidatingAdmissionPolicy, { metadata, spec } as Row);
  const binding = { policyName: 'never-active', validationActions: ['Deny'] };
  await seller.cluster.create<Row>(kinds.ValidatingAdmissionPolicyBinding, { metadata, spec: binding } as Row);
  const become = (status: string) =>
    seller.cluster.merge(
      tableKinds.Allocation,
      allocationName(transactionID),
      namespace,
      { status: { status } },
      'status',
    );
  await until('the policy is in force', async () => {
    const refused = await become('Active').then(
      () => undefined,
      (error: unknown) => String(error).includes('never-active'),
    );
    return refused ?? (await become('Inactive'), false);
  });
}

test('an end that is tried again and again goes on in fresh runs, and forgets nothing that is left', async () => {
  const offer = await seller.offer({ cpu: '4', memory: '4Gi', pods: '4' });
  const contractID = await sold(seller.temporal, offer, 'stubborn');
  await until('it is active', async () => (await phaseOf(contractID)) === 'Active', 30_000);
  const { transactionID = '' } = (await rowOf(contractID))?.spec ?? {};
  await refuseAllocations(transactionID);
  await contractOf(contractID).signal(sliceAdmittedSignal, { slice: 's', namespace });
  await until('an operator is told', async () => (await rowOf(contractID))?.status?.needsOperator, 30_000);
  const left = [expect.stringMatching(/^allocation not active: .*never-active/)];
  expect(await rolledOver(contractID)).toMatchObject({ left, active: { activated: true } });

  const silence = await silenced(seller.cluster, ['', 'v1', 'configmaps'], { 'rearflow.io/placement': 'true' });
  await contractOf(contractID).signal(endSignal, { by: 'buyer', reason: 'enough' });
  const carried = await rolledOver(contractID);
  expect(carried).toMatchObject({
    left,
    ending: {
      end: { by: 'buyer', reason: 'enough' },
      buyerLeft: true,
      done: expect.arrayContaining(['end the service']),
    },
  });
  expect(carried?.ending?.done).not.toContain('close the rows');
  expect(await phaseOf(contractID)).toBe('Ending');
  expect((await offer.ledger()).parcels.some(({ state }) => state === 'free')).toBe(false);

  await silence.end();
  await contractOf(contractID).signal(endSignal, { by: 'operator', reason: 'again' });
  await until('the parcel is free again', async () =>
    (await offer.ledger()).parcels.every(({ state }) => state === 'free'),
  );
  const row = await rowOf(contractID);
  expect(row?.status).toMatchObject({ phase: 'Ended', reason: 'enough', needsOperator: left[0] });
  expect(row?.status?.receipt).toBeDefined();
}, 180_000);
