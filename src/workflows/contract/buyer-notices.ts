import { CancellationScope, log, proxyActivities, rootCause } from '@temporalio/workflow';
import type { ContractLifeActivities } from '../../activities/contract/life.ts';

/** The buyer writes its own row of the contract a moment after it got it; before, it knows of no contract. */
const { confirmSale } = proxyActivities<ContractLifeActivities>({
  startToCloseTimeout: '8s',
  retry: { maximumAttempts: 4, initialInterval: '500ms' },
});

/** Something that is told to the buyer beside the contract's own life: nothing waits for it, and it may fail. */
export class BuyerNotices {
  readonly #scope = new CancellationScope();
  #told: Promise<void> = Promise.resolve();

  /** CONFIRM_RESERVATION: the sale is final. @see docs/rear.md 2.3 */
  confirm(sale: Parameters<typeof confirmSale>[0]): void {
    this.#begin(() => confirmSale.executeWithOptions({ summary: 'confirm the sale to the buyer' }, [sale]));
  }

  /** The contract ends before its term. */
  end(notice: Parameters<ContractLifeActivities['tellBuyer']>[0]): void {
    const left = Math.max(Date.parse(notice.endsAt) - Date.now(), 1_000);
    const { tellBuyer } = proxyActivities<ContractLifeActivities>({
      startToCloseTimeout: '8s',
      scheduleToCloseTimeout: left,
      retry: { initialInterval: '500ms', maximumInterval: '5s' },
    });
    this.#begin(() => tellBuyer.executeWithOptions({ summary: 'tell the buyer when the contract ends' }, [notice]));
  }

  /** Waits until everything is told, or nobody heard it. */
  async told(): Promise<void> {
    await this.#told;
  }

  /** Stops what is still being told. */
  async stop(): Promise<void> {
    this.#scope.cancel();
    await this.#told;
  }

  #begin(tell: () => Promise<unknown>): void {
    const telling = this.#scope.run(tell).then(
      () => undefined,
      (error: unknown) => log.info('the buyer was not told', { reason: rootCause(error) ?? String(error) }),
    );
    this.#told = Promise.all([this.#told, telling]).then(() => undefined);
  }
}
