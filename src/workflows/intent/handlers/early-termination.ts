import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { sellerEndsSignal, type SellerEnds } from '../../../messages/intent/messages.ts';

/** The seller's word that it ends the contract before its term. */
export class EarlyTermination {
  #order: SellerEnds | undefined;
  #hear: () => void = () => undefined;

  get given(): boolean {
    return this.#order !== undefined;
  }

  /** Registers the signal. @param contractID of what was bought, as soon as something was */
  listen(contractID: () => string | undefined): void {
    setHandler(
      sellerEndsSignal,
      (order) => {
        if (order.contractID !== contractID()) return;
        this.#order ??= order;
        this.#hear();
      },
      { description: "The seller ends the contract; sent by the node's gateway" },
    );
  }

  /** Calls back when notice is given, at once if it was. */
  onGiven(hear: () => void): void {
    this.#hear = hear;
    if (this.given) hear();
  }

  /** The contract that it was about is given up. */
  forget(): void {
    this.#order = undefined;
    this.#hear = () => undefined;
  }

  /** What the intent fails with. */
  failure(): ApplicationFailure {
    const { endsAt = '', reason = '' } = this.#order ?? {};
    return ApplicationFailure.nonRetryable(
      `SellerEnded: the seller ends the contract at ${endsAt}: ${reason}`,
      'SellerEnded',
    );
  }
}
