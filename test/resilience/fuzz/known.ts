import type { Ledger } from '../../../src/market/ledger/state.ts';
import type { FuzzRequest } from './request.ts';

/** What exists at a seller while it is being asked. */
export class Known {
  #things: Readonly<Record<string, readonly string[]>> = {};

  /** Takes up what the inventories hold now. */
  learn(ledgers: readonly Ledger[]): void {
    const sales = ledgers.flatMap((ledger) => ledger.sales);
    this.#things = {
      flavor: ledgers.flatMap(({ parcels }) =>
        parcels.filter(({ state }) => state !== 'sold').map(({ flavorID }) => flavorID),
      ),
      transaction: sales.map(({ transactionID }) => transactionID),
      contract: sales.flatMap(({ contractID }) => contractID ?? []),
      key: sales.map(({ key }) => encodeURIComponent(key.toWellFormed()).slice(0, 255)),
    };
  }

  /** The request with what it names put in; what does not exist yet gets an id of the right form. */
  fill(request: FuzzRequest): FuzzRequest {
    const put = (text: string): string =>
      text.replace(/@(\w+):(\d+)@/g, (_, thing: string, turn: string) => {
        const some = this.#things[thing] ?? [];
        return some[Number(turn) % some.length] ?? '0123456789-0123456789abcdef012345-1700000000000000000';
      });
    const { target, headers, body } = request;
    return {
      ...request,
      target: put(target),
      headers: headers.map(([name, value]) => [name, put(value)] as const),
      ...(body === undefined ? {} : { body: Buffer.from(put(body.toString('latin1')), 'latin1') }),
    };
  }
}
