import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { tableKinds } from '../../kubernetes/table-kinds.ts';
import { contractEndedSignal, inventoryId } from '../../messages/inventory/messages.ts';
import type { PairSettings } from '../../messages/pair/state.ts';
import type { ContractSpec, ContractStatus } from '../../schemas/tables/contract.ts';
import type { Row } from '../../tables/rows.ts';
import { readInventoryInput } from '../../validation/inventory-input.ts';
import { resumeContract, type ResumeSettings } from '../contract/resume-contract.ts';
import { startOnce, type StartOrder } from '../workflow-starts.ts';

export interface RestartDeps extends ResumeSettings {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly taskQueue: string;
  /** Namespace of the tables. */
  readonly namespace: string;
  readonly pairing: PairSettings;
}

const untouched = 'is left as it is: an operator has to look after it';

/**
 * Ends a workflow whose task cannot be done and begins it anew from the rows: an inventory with what was sold, a contract
 * with its terms, a pair with its members. An intent is left to an operator, because its purchase lives on meanwhile.
 *
 * @returns what was done, for people
 */
export async function restartFromRows(deps: RestartDeps, workflowId: string, runId: string): Promise<string> {
  const [type = '', id = ''] = workflowId.split(/\/(.*)/s);
  if (type === 'inventory') return restartInventory(deps, workflowId, runId);
  if (type === 'contract') return restartContract(deps, workflowId, runId, id);
  if (type !== 'pair') return untouched;
  await terminate(deps, workflowId, runId);
  return begin(deps, { type, workflowId, args: [{ cluster: id, ...deps.pairing }] });
}

async function restartInventory(deps: RestartDeps, workflowId: string, runId: string): Promise<string> {
  const input = readInventoryInput(await inputOf(deps, workflowId, runId));
  if (!input) return untouched;
  await terminate(deps, workflowId, runId);
  const { origin, renewAfter } = input;
  const again = { origin, ...(renewAfter === undefined ? {} : { renewAfter }) };
  return begin(deps, { type: 'inventory', workflowId, args: [again] });
}

async function restartContract(deps: RestartDeps, workflowId: string, runId: string, id: string): Promise<string> {
  const { cluster, client, namespace } = deps;
  const row = await cluster.get<Row<ContractSpec, ContractStatus>>(tableKinds.Contract, id, namespace);
  if (row) {
    const input = resumeContract(row, deps);
    if (!input) return untouched;
    await terminate(deps, workflowId, runId);
    return begin(deps, { type: 'contract', workflowId, args: [input] });
  }
  // Never opened, so nobody was told that it bought it.
  await terminate(deps, workflowId, runId);
  const [, hash = ''] = /^c-([0-9a-f]{10})-/.exec(id) ?? [];
  await client.workflow.getHandle(inventoryId(hash)).signal(contractEndedSignal, { contractID: id }).catch(unlessGone);
  return 'is ended: it was never opened, and its parcel comes back';
}

async function begin(deps: RestartDeps, order: StartOrder): Promise<string> {
  const { client, taskQueue } = deps;
  const started = await startOnce(client, order, { taskQueue, staticSummary: 'taken up after it could not go on' });
  return started ? 'goes on in a new run, from the rows' : 'runs again';
}

async function terminate({ client }: RestartDeps, workflowId: string, runId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId, runId);
  await handle.terminate('its task fails again and again').catch(unlessGone);
}

function unlessGone(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** What a run was started with. */
async function inputOf({ client }: RestartDeps, workflowId: string, runId: string): Promise<unknown> {
  const { namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const payload = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
