import { log, metricMeter, proxyActivities, upsertSearchAttributes } from '@temporalio/workflow';
import type { ContractLifeActivities } from '../../activities/contract/life.ts';
import { outcomeKey } from '../../messages/search-attributes.ts';
import { writing } from '../activity-options.ts';
import { failureOf } from '../failure.ts';

const { noteTrouble } = proxyActivities<ContractLifeActivities>(writing);

/** Tells an operator what a contract could not do, where one looks: row, event, metric, search attribute. */
export class Operator {
  readonly #sale: { readonly contractID: string; readonly transactionID: string };
  readonly #revision: () => number;
  readonly #left: string[];

  /** @param left what a run before could not do */
  constructor(
    sale: { readonly contractID: string; readonly transactionID: string },
    revision: () => number,
    left: readonly string[] = [],
  ) {
    this.#sale = sale;
    this.#revision = revision;
    this.#left = [...left];
  }

  /** What nobody will try again. */
  get left(): readonly string[] {
    return this.#left;
  }

  /** @param final it is not tried again, so it stays an operator's business */
  async needed(what: string, { final }: { readonly final: boolean }): Promise<void> {
    if (final) this.#left.push(what);
    metricMeter
      .createCounter('rearflow_contract_needs_operator', 'step', 'Steps of contracts that an operator was told of')
      .add(1);
    upsertSearchAttributes([{ key: outcomeKey, value: 'NeedsOperator' }]);
    const note = { ...this.#sale, needsOperator: what, revision: this.#revision() };
    await noteTrouble
      .executeWithOptions({ summary: `needs an operator: ${what}`.slice(0, 190) }, [note])
      .catch((error: unknown) => log.error('the row does not say it', { what, reason: failureOf(error).reason }));
  }
}
