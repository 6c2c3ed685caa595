import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { setTimeout as delay } from 'node:timers/promises';
import { checkIntent } from './client/check-intent.ts';
import { temporalProblem } from './client/temporal-problem.ts';
import {
  approveUpdate,
  explainQuery,
  intentId,
  leftoversQuery,
  receiptQuery,
  rejectUpdate,
  renewUpdate,
  statusQuery,
  type RenewalResult,
} from './messages/intent/messages.ts';
import { toCleanUp } from './messages/intent/recovery.ts';
import type { IntentWorkflow } from './messages/intent/state.ts';
import type { DecisionRecord, IntentStatus } from './messages/intent/status.ts';
import { outcomeKey, phaseKey, providerKey } from './messages/search-attributes.ts';
import type { RepairWorkflow, Restored } from './messages/upkeep/messages.ts';
import { clientBudget } from './platform/client-budget.ts';
import { RearflowError } from './platform/errors.ts';
import type { IntentDraft } from './schemas/intent.ts';
import type { IntentReceipt } from './schemas/receipt.ts';

export type { DecisionRecord, IntentDraft, IntentReceipt, IntentStatus, RenewalResult };

export interface RearflowClientOptions {
  /** Temporal's frontend, host:port; default: Temporal's environment configuration. */
  readonly address?: string;
  /** Temporal namespace of the node that states the intents. */
  readonly namespace?: string;
  readonly taskQueue?: string;
}

export interface IntentSummary {
  readonly intent: string;
  readonly phase: string;
  readonly provider: string;
  readonly outcome: string;
  readonly startedAt: string;
}

/** States intents and follows them, through Temporal. */
export class RearflowClient {
  readonly #client: Client;
  readonly #connection: Connection;
  readonly #taskQueue: string;

  constructor(connection: Connection, namespace: string, taskQueue: string) {
    this.#connection = connection;
    this.#client = new Client({ connection, namespace, interceptors: { workflow: [clientBudget] } });
    this.#taskQueue = taskQueue;
  }

  /** @throws RearflowError `TemporalUnreachable` */
  static async connect(options: RearflowClientOptions = {}): Promise<RearflowClient> {
    const loaded = loadClientConnectConfig();
    const address = options.address ?? loaded.connectionOptions.address ?? '127.0.0.1:7233';
    try {
      const connection = await Connection.connect({ ...loaded.connectionOptions, address, connectTimeout: '2s' });
      const namespace = options.namespace ?? loaded.namespace ?? 'default';
      return new RearflowClient(connection, namespace, options.taskQueue ?? 'rearflow');
    } catch (cause) {
      throw new RearflowError('TemporalUnreachable', `Temporal does not answer at ${address}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /**
   * Starts an intent; one that runs with equal input is the same intent.
   *
   * @returns true when it was started, false when it was running already
   * @throws RearflowError `InvalidIntent` naming the field, or when an intent of that name runs with other input
   */
  async start(draft: IntentDraft): Promise<boolean> {
    const intent = checkIntent(draft);
    const workflowId = intentId(intent.name);
    try {
      await this.#client.workflow.start<IntentWorkflow>('intent', {
        workflowId,
        taskQueue: this.#taskQueue,
        args: [intent],
        memo: { input: intent },
        staticSummary: `intent ${intent.name}`,
      });
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw temporalProblem(error, intent.name);
      const { memo } = await this.#client.workflow.getHandle(workflowId).describe();
      if (JSON.stringify(memo?.['input']) === JSON.stringify(intent)) return false;
      throw new RearflowError('InvalidIntent', `name: an intent ${intent.name} runs with other input`, {
        field: 'name',
        hint: `Cancel it first (rearflow cancel ${intent.name}), or choose another name.`,
      });
    }
  }

  status(name: string): Promise<IntentStatus> {
    return this.#known(name, () => this.#handle(name).query(statusQuery));
  }

  explain(name: string): Promise<DecisionRecord | null> {
    return this.#known(name, () => this.#handle(name).query(explainQuery));
  }

  receipt(name: string): Promise<IntentReceipt | null> {
    return this.#known(name, () => this.#handle(name).query(receiptQuery));
  }

  async approve(name: string, by?: string): Promise<void> {
    await this.#known(name, () =>
      this.#handle(name).executeUpdate(approveUpdate, { args: [by === undefined ? {} : { by }] }),
    );
  }

  async reject(name: string, reason?: string): Promise<void> {
    const args: [{ reason?: string }] = [reason === undefined ? {} : { reason }];
    await this.#known(name, () => this.#handle(name).executeUpdate(rejectUpdate, { args }));
  }

  /**
   * Adds time to the contract of an intent in usage; the workload goes on.
   *
   * @param term for example `30m`
   * @param id the same id twice is one renewal
   * @returns the new end, and what the added time costs
   * @throws RearflowError `CannotRenew` with the seller's reason
   */
  renew(name: string, term: string, id?: string): Promise<RenewalResult> {
    const updateId = id === undefined ? {} : { updateId: id };
    return this.#known(name, () => this.#handle(name).executeUpdate(renewUpdate, { args: [{ term }], ...updateId }));
  }

  /**
   * Asks for an orderly teardown; returns at once.
   *
   * @throws RearflowError `NotFound` when there is no such intent, or it has ended: Temporal itself would say yes
   */
  async cancel(name: string): Promise<void> {
    await this.#known(name, async () => {
      const handle = this.#handle(name);
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING') throw endedAlready(name);
      await handle.cancel();
    });
  }

  /**
   * Undoes in a new run what the teardown of an ended intent could not undo; for when its cause is fixed.
   *
   * @returns false when nothing was left behind
   * @throws RearflowError `NotFound` when Temporal knows no such intent (`repair` finds it in the tables), `NotReady` while
   *   it runs
   */
  async cleanup(name: string): Promise<boolean> {
    const workflowId = intentId(name);
    return this.#known(name, async () => {
      const { status, memo } = await this.#handle(name).describe();
      if (status.name === 'RUNNING') {
        throw new RearflowError('NotReady', `intent ${name} still runs; its own teardown comes first`, {
          hint: `\`rearflow status ${name} --watch\` follows it, \`rearflow cancel ${name}\` ends it.`,
        });
      }
      const leftovers = await this.#handle(name).query(leftoversQuery);
      if (!leftovers) return false;
      await this.#client.workflow.start<IntentWorkflow>('intent', {
        workflowId,
        taskQueue: this.#taskQueue,
        args: [leftovers.need.intent, toCleanUp(leftovers, status.name)],
        ...(memo === undefined ? {} : { memo }),
        staticSummary: `clean-up of intent ${name}`,
      });
      return true;
    });
  }

  /**
   * Rebuilds the workflows of the node from its tables, after Temporal lost its data. May be repeated.
   *
   * @returns every workflow that was looked after
   */
  async repair(): Promise<readonly Restored[]> {
    try {
      return await this.#client.workflow.execute<RepairWorkflow>('repair', {
        workflowId: 'repair',
        taskQueue: this.#taskQueue,
        staticSummary: 'repair from the tables',
      });
    } catch (error) {
      throw temporalProblem(error, 'repair');
    }
  }

  /**
   * Waits for the end, however it ended.
   *
   * @throws RearflowError `IntentFailed` when there is no receipt to show
   */
  async result(name: string): Promise<IntentReceipt> {
    try {
      return await this.#known(name, () => this.#handle(name).result());
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const receipt = await this.receipt(name);
      if (receipt) return receipt;
      throw new RearflowError('IntentFailed', error.cause?.message ?? error.message, { cause: error });
    }
  }

  /** Every change of the status until the intent has ended. */
  async *watch(name: string, everyMs = 200): AsyncGenerator<IntentStatus> {
    let last = '';
    for (;;) {
      const status = await this.status(name);
      const text = JSON.stringify(status);
      if (text !== last) yield status;
      last = text;
      if (status.phase === 'ended') return;
      await delay(everyMs);
    }
  }

  /** Intents that Temporal still knows, the latest first. */
  async list(): Promise<IntentSummary[]> {
    const found: IntentSummary[] = [];
    try {
      for await (const each of this.#client.workflow.list({ query: 'WorkflowType = "intent"' })) {
        if (each.status.name === 'CONTINUED_AS_NEW') continue;
        const of = (key: typeof phaseKey): string => each.typedSearchAttributes.get(key) ?? '';
        found.push({
          intent: each.workflowId.replace(/^intent\//, ''),
          phase: of(phaseKey),
          provider: of(providerKey),
          outcome: of(outcomeKey),
          startedAt: each.startTime.toISOString(),
        });
      }
    } catch (error) {
      throw temporalProblem(error, '');
    }
    return found;
  }

  #handle(name: string) {
    return this.#client.workflow.getHandle<IntentWorkflow>(intentId(name));
  }

  async #known<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw temporalProblem(error, name);
      // Temporal says the same of what never was and of what has ended.
      const ended = await this.#handle(name)
        .describe()
        .then(
          () => true,
          () => false,
        );
      if (!ended) throw new RearflowError('NotFound', `there is no intent ${name}`, { hint: forgotten });
      throw endedAlready(name);
    }
  }
}

const forgotten =
  '`rearflow list` shows those that Temporal knows; what one that it has forgotten left behind, `rearflow repair` undoes.';

function endedAlready(name: string): RearflowError {
  const hint = `\`rearflow receipt ${name}\` shows how.`;
  return new RearflowError('NotFound', `intent ${name} has ended already`, { hint });
}
