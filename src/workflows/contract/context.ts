import { continueAsNew, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ContractPhase } from '../../messages/contract/messages.ts';
import type { CarriedContract, CarriedEnding, ContractInput, ContractWorkflow } from '../../messages/contract/state.ts';
import type { Membership } from '../../messages/pair/messages.ts';
import { contractKey, expiresAtKey } from '../../messages/search-attributes.ts';
import { listenForContinueAsNew } from '../continue-as-new.ts';
import { BuyerNotices } from './buyer-notices.ts';
import { Replies } from './handlers/replies.ts';
import { Operator } from './operator.ts';
import { Term } from './term.ts';

/** Everything that the phases of one contract work with. */
export class ContractContext {
  readonly input: ContractInput;
  /** Its place in the pair with the buyer's cluster. */
  readonly membership: Membership;
  readonly term: Term;
  readonly replies: Replies;
  readonly notices = new BuyerNotices();
  readonly operator: Operator;
  /** The row of the allocation was told that the slice is admitted, as far as that could be done. */
  activated: boolean;
  #phase: ContractPhase = 'Opening';
  #revision = 0;
  readonly #due = listenForContinueAsNew();

  constructor(input: ContractInput) {
    const { contractID, sale, carried } = input;
    const { workflowId, startTime } = workflowInfo();
    const { transactionID, buyerKey } = sale;
    this.input = input;
    this.membership = {
      direction: 'sold',
      member: contractID,
      workflowId,
      ...(buyerKey === undefined ? {} : { buyerKey }),
    };
    this.term = new Term(input, startTime.getTime() + sale.termMs);
    this.replies = new Replies(carried);
    this.operator = new Operator({ contractID, transactionID }, () => this.nextRevision(), carried?.left);
    this.activated = carried?.active?.activated ?? false;
  }

  get phase(): ContractPhase {
    return this.#phase;
  }

  /** Somebody ordered the end. */
  get endOrdered(): boolean {
    return this.replies.ending !== undefined;
  }

  /** A fresh run should carry on. */
  get due(): boolean {
    return this.#due();
  }

  /** Makes the contract one that Temporal's UI finds and explains. */
  begin(): void {
    upsertSearchAttributes([
      { key: contractKey, value: this.input.contractID },
      { key: expiresAtKey, value: new Date(this.term.expiresAt) },
    ]);
    this.enter('Opening');
  }

  enter(phase: ContractPhase): void {
    this.#phase = phase;
    this.#explain();
  }

  /** The end of the term is another one. */
  termMoved(): void {
    upsertSearchAttributes([{ key: expiresAtKey, value: new Date(this.term.expiresAt) }]);
    this.#explain();
  }

  /** Row revisions grow even when another workflow wrote the row before: they start at the present time. */
  nextRevision(): number {
    return (this.#revision = Math.max(this.#revision + 1, Date.now()));
  }

  /** Goes on in a fresh run; does not return. @param ending how far the end has come */
  async continueAsNew(ending?: CarriedEnding): Promise<void> {
    const { input, term, replies, operator, activated } = this;
    const carried: CarriedContract = {
      ...term.carried,
      active: { admitted: replies.admitted, activated },
      ...(operator.left.length === 0 ? {} : { left: operator.left }),
      ...(ending === undefined ? {} : { ending }),
    };
    await continueAsNew<ContractWorkflow>({ ...input, carried });
  }

  #explain(): void {
    setCurrentDetails(`Contract with **${this.input.sale.buyer.ID}**: ${this.#phase}, ends ${this.term.expiresAt}`);
  }
}
