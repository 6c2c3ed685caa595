import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { clientBudget } from '../platform/client-budget.ts';
import { RearflowError } from '../platform/errors.ts';
import { contractStatusQuery, contractWorkflowId, endSignal } from '../messages/contract/messages.ts';
import { inventoryId, offeredUpdate, originHashOf } from '../messages/inventory/messages.ts';
import type { RearflowClientOptions } from '../client.ts';
import { temporalProblem } from './temporal-problem.ts';

/** Longest notice that a seller gives, milliseconds; new pods are refused all that time. */
const longestNoticeMs = 3_600_000;

/** What a seller may order about its own offers and contracts, through Temporal. */
export class SellerClient {
  readonly #client: Client;
  readonly #connection: Connection;

  constructor(connection: Connection, namespace: string) {
    this.#connection = connection;
    this.#client = new Client({ connection, namespace, interceptors: { workflow: [clientBudget] } });
  }

  /** @throws RearflowError `TemporalUnreachable` */
  static async connect(options: RearflowClientOptions = {}): Promise<SellerClient> {
    const loaded = loadClientConnectConfig();
    const address = options.address ?? loaded.connectionOptions.address ?? '127.0.0.1:7233';
    try {
      const connection = await Connection.connect({ ...loaded.connectionOptions, address, connectTimeout: '5s' });
      return new SellerClient(connection, options.namespace ?? loaded.namespace ?? 'default');
    } catch (cause) {
      throw new RearflowError('TemporalUnreachable', `Temporal does not answer at ${address}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /**
   * Ends a contract before its term. Its buyer is told, gets no new pods, and has `noticeMs` to leave in order; then its
   * pods are deleted.
   *
   * @throws RearflowError `InvalidRequest` for more notice than an hour
   * @throws RearflowError `NotFound` when this node sold no such contract, or it is over
   */
  async endContract(contractID: string, order: { readonly reason: string; readonly noticeMs?: number }): Promise<void> {
    if (!((order.noticeMs ?? 0) <= longestNoticeMs)) {
      throw new RearflowError('InvalidRequest', '--notice: at most 1h', { field: 'notice' });
    }
    const handle = this.#client.workflow.getHandle(contractWorkflowId(contractID));
    await this.#known(`contract ${contractID}`, async () => {
      const { phase } = await handle.query(contractStatusQuery);
      if (phase === 'Ended') throw new RearflowError('NotFound', `contract ${contractID} has ended already`);
      await handle.signal(endSignal, { by: 'seller', ...order });
    });
  }

  /**
   * Takes what is free of a flavor's origin off the market, or puts it back. What is held or sold stays as it is.
   *
   * @param flavorID any flavor that is or was cut from the origin
   * @returns name of the Kubernetes node, and the flavor that is on offer now, if there is one
   * @throws RearflowError `NotFound` when there is no such origin
   */
  async setOffered(flavorID: string, offered: boolean): Promise<{ readonly node: string; readonly flavor?: string }> {
    const origin = originHashOf(flavorID);
    if (origin === undefined) throw unknown(`flavor ${flavorID}`);
    return this.#known(`flavor ${flavorID}`, () =>
      this.#client.workflow.getHandle(inventoryId(origin)).executeUpdate(offeredUpdate, { args: [{ offered }] }),
    );
  }

  async #known<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw unknown(what);
      throw temporalProblem(error, what);
    }
  }
}

const unknown = (what: string): RearflowError =>
  new RearflowError('NotFound', `this node has no ${what}`, {
    hint: '`rearflow flavors` and `rearflow contracts` show what it has; --node says which node is meant.',
  });
