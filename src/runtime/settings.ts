import type { NodeConfig } from '../platform/config.ts';
import { durationMs } from '../schemas/duration.ts';

/** What workflows of a seller are started with, from the configuration. */
export function saleSettings(config: NodeConfig) {
  return {
    drainGraceMs: durationMs(config.liqo.drainGrace),
    longestTermMs: durationMs(config.market.longestTerm),
    undoMs: durationMs(config.teardown.retryFor),
  };
}

/** What the workflow of a pair is started with, from the configuration. */
export function pairSettings(config: NodeConfig) {
  return {
    peeringDeadlineMs: durationMs(config.liqo.peeringDeadline),
    undoMs: durationMs(config.teardown.retryFor),
    accessRenewalMs: durationMs(config.liqo.tokenRenewal),
  };
}
