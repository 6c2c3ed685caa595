import { z } from 'zod';

/**
 * Grows with every write of a row's owner. A transition rule of the CRD refuses to lower it, so that a write that was
 * held up on its way cannot undo a later one (docs/architecture.md 3.2).
 */
export const OwnerRevision = z.int().min(0).optional().describe('Revision of the owning workflow; never falls.');

/** When a cached row was last seen at its source; a rule of the CRD refuses to go back. */
export const ObservedAt = z.iso
  .datetime()
  .optional()
  .describe('When this was last seen at its source, RFC 3339 in UTC.');
