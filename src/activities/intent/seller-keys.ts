import { ApplicationFailure } from '@temporalio/activity';
import type { JSONWebKeySet } from 'jose';
import type { RearClient } from '../../rear/client.ts';
import { isNotYet } from '../../rear/refusal.ts';
import { aborting } from '../context.ts';

/**
 * The keys that a seller publishes.
 *
 * @returns undefined when it publishes none
 * @throws RearFailure, ApplicationFailure `SellerNotReady`: both are worth a retry
 */
export async function keysOf(rear: Pick<RearClient, 'jwks'>, endpoint: string): Promise<JSONWebKeySet | undefined> {
  const published = await rear.jwks(endpoint, { signal: aborting() });
  if (published.ok) return published.jwks.keys.length > 0 ? published.jwks : undefined;
  if (isNotYet(published)) throw notReady(published.retryAfterMs);
  return undefined;
}

/** A seller may not put off for longer than this what its buyer has to tell it, milliseconds. */
const longestPauseMs = 300_000;

/** The seller asks for patience: tried again, not before it said. */
export function notReady(retryAfterMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'the seller is not ready; trying again',
    type: 'SellerNotReady',
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: Math.min(retryAfterMs, longestPauseMs) }),
  });
}
