/** Every error that a person or another program can meet: code → HTTP status, exit code of the CLI and what to do next. */
export const errorTable = {
  InvalidIntent: { status: 400, exit: 2, hint: 'Correct the named field; docs/intent.md describes each one.' },
  InvalidConfig: {
    status: 400,
    exit: 2,
    hint: 'Correct the named setting; `rearflow config` prints all with their sources.',
  },
  InvalidRequest: { status: 400, exit: 2, hint: 'Correct the named field of the request.' },
  NotFound: { status: 404, exit: 2, hint: 'Check the name; `rearflow list` shows what exists.' },
  FlavorGone: { status: 404, exit: 1, hint: 'LIST again, or follow one of the successors.' },
  FlavorHeld: { status: 409, exit: 1, hint: 'Wait for Retry-After, or follow one of the successors.' },
  DoesNotFit: { status: 404, exit: 1, hint: 'Ask for no more than the flavor holds, respecting its minimum and step.' },
  TransactionExpired: { status: 408, exit: 1, hint: 'Reserve again and purchase before expirationTime.' },
  KeyReused: { status: 409, exit: 1, hint: 'Send another request with another Idempotency-Key.' },
  NotYours: { status: 403, exit: 1, hint: 'Only the buyer of the transaction may do this.' },
  TooLarge: { status: 413, exit: 2, hint: 'Send less; the message names the limit.' },
  NotReady: { status: 503, exit: 1, hint: 'Try again after Retry-After.' },
  CannotRenew: { status: 409, exit: 1, hint: 'Ask for a shorter time, or state a new intent for the time after.' },
  TooMany: { status: 429, exit: 1, hint: 'Slow down, or release what you hold.' },
  EpochMismatch: { status: 503, exit: 1, hint: 'Run `rearflow repair`: it rebuilds the workflows from the tables.' },
  IntentFailed: { status: 500, exit: 1, hint: '`rearflow explain <intent>` says what was tried and why it failed.' },
  TemporalUnreachable: { status: 503, exit: 2, hint: 'Start it with `rearflow stack up`, or set TEMPORAL_ADDRESS.' },
  ClusterUnreachable: { status: 503, exit: 2, hint: 'Check the kubeconfig and that its API server runs.' },
  ToolMissing: { status: 500, exit: 2, hint: 'Install the named tool, or point the named variable at it.' },
  MachineTooSmall: { status: 500, exit: 2, hint: 'Free disk space or memory, then start again.' },
  StackFailed: { status: 500, exit: 1, hint: 'The named log file says why; `rearflow stack down` cleans up.' },
} as const satisfies Record<string, { status: number; exit: 0 | 1 | 2; hint: string }>;

export type ErrorCode = keyof typeof errorTable;

/** The one error class for everything that is not a bug. `hint` says what to do next; the message holds no secrets. */
export class RearflowError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { field?: string; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'RearflowError';
    this.code = code;
    this.field = options.field;
    this.hint = options.hint ?? errorTable[code].hint;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  /** Exit code of the command line: 1 = failed, 2 = the user can fix it. */
  get exitCode(): number {
    return errorTable[this.code].exit;
  }
}
