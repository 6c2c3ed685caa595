import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '@temporalio/common';

/*
 * The same three as in @temporalio/workflow, by hand: a client that imports them from there would need the whole workflow
 * package, which Temporal's own client does not.
 */

/** @param name as Temporal's UI and CLI show it */
export const defineSignal = <Args extends unknown[]>(name: string): SignalDefinition<Args> =>
  ({ type: 'signal', name }) as SignalDefinition<Args>;

/** @param name as Temporal's UI and CLI show it */
export const defineQuery = <Result>(name: string): QueryDefinition<Result> =>
  ({ type: 'query', name }) as QueryDefinition<Result>;

/** @param name as Temporal's UI and CLI show it */
export const defineUpdate = <Result, Args extends unknown[]>(name: string): UpdateDefinition<Result, Args> =>
  ({ type: 'update', name }) as UpdateDefinition<Result, Args>;
