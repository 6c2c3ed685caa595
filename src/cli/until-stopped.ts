import { constants } from 'node:os';
import { RearflowError } from '../platform/errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that cleans up after itself when its signal aborts. Ctrl-C then ends the process as a shell expects it of a
 * command that was stopped (130), after the cleaning up and one line about it.
 *
 * @throws what the work throws by itself
 */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  let by: (typeof signals)[number] | undefined;
  for (const each of signals) {
    process.on(each, () => {
      by ??= each;
      stopping.abort(new RearflowError('StackFailed', 'stopped before the end', { hint: 'Nothing keeps running.' }));
    });
  }
  try {
    return await work(stopping.signal);
  } catch (error) {
    if (by === undefined) throw error;
    const trouble =
      error === stopping.signal.reason ? '' : `\n${error instanceof Error ? error.message : String(error)}`;
    process.stderr.write(`Stopped before the end; nothing keeps running.${trouble}\n`);
    process.exit(128 + constants.signals[by]);
  }
}
