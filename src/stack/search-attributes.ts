/** Typed search attributes of every workflow; a namespace without them refuses to start one. */
export const searchAttributes = {
  RearflowPhase: 'Keyword',
  RearflowIntent: 'Keyword',
  RearflowProvider: 'Keyword',
  RearflowContract: 'Keyword',
  RearflowOutcome: 'Keyword',
  RearflowExpiresAt: 'Datetime',
} as const;
