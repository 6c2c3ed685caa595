import { setHandler } from '@temporalio/workflow';
import { endSignal, sliceAdmittedSignal, type EndOrder } from '../../../messages/contract/messages.ts';
import type { CarriedContract } from '../../../messages/contract/state.ts';
import {
  pairFailedSignal,
  pairLeftSignal,
  pairReadySignal,
  type PairLeft,
  type PairReady,
} from '../../../messages/pair/messages.ts';
import { formatReason } from '../../../schemas/reason.ts';

/** What others told a contract. */
export class Replies {
  /** The first order to end counts. */
  ending: EndOrder | undefined;
  /** How often somebody asked for the end. */
  orders = 0;
  buyerLeft: boolean;
  /** The buyer's slice was granted. */
  admitted: boolean;
  ready: PairReady | undefined;
  left: PairLeft | undefined;
  pairFailure: string | undefined;

  /** @param carried what a run before was told */
  constructor(carried: CarriedContract | undefined) {
    this.admitted = carried?.active?.admitted ?? false;
    this.buyerLeft = carried?.ending?.buyerLeft ?? false;
  }

  listen(): void {
    setHandler(endSignal, (order) => {
      this.ending ??= { ...order, reason: formatReason(order.reason) };
      this.orders += 1;
      this.buyerLeft ||= order.by === 'buyer';
    });
    setHandler(sliceAdmittedSignal, () => {
      this.admitted = true;
    });
    setHandler(pairReadySignal, (answer) => {
      this.ready = answer;
    });
    setHandler(pairFailedSignal, ({ reason }) => {
      this.pairFailure = reason;
    });
    setHandler(pairLeftSignal, (answer) => {
      this.left = answer;
    });
  }
}
