import { RearflowError } from '../platform/errors.ts';

/** Ends the process: a line that says what is wrong, one that says what to do, and the exit code of the error. */
export function fail(error: unknown): never {
  if (error instanceof RearflowError) {
    process.stderr.write(`${error.message}\n${error.hint}\n`);
    process.exit(error.exitCode);
  }
  const text = error instanceof Error ? (process.env['REARFLOW_DEBUG'] ? error.stack : error.message) : String(error);
  process.stderr.write(`rearflow failed: ${text ?? 'unknown'}\nSet REARFLOW_DEBUG=1 for the stack trace.\n`);
  process.exit(1);
}
