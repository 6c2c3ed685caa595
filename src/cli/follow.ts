import type { IntentReceipt, IntentStatus, RearflowClient } from '../client.ts';
import { liveView } from '../view/live.ts';

/**
 * Shows an intent until it ends. Ctrl-C ends only the showing.
 *
 * @returns its receipt
 * @throws RearflowError `NotFound`, `IntentFailed`, `TemporalUnreachable`
 */
export async function follow(
  client: RearflowClient,
  name: string,
  out: NodeJS.WriteStream,
  each: (status: IntentStatus) => void = () => undefined,
): Promise<IntentReceipt> {
  const view = liveView(out);
  const leave = (): void => {
    view.close();
    out.write(`The intent goes on: rearflow status ${name} --watch\n`);
    process.exit(130);
  };
  process.once('SIGINT', leave);
  try {
    for await (const status of client.watch(name)) {
      view.show(status);
      each(status);
    }
  } finally {
    view.close();
    process.removeListener('SIGINT', leave);
  }
  return client.result(name);
}

/** 0 when all went as intended, 1 otherwise; a cancelled intent ended as it was told to. */
export function exitCodeOf({ outcome }: Pick<IntentReceipt, 'outcome'>): 0 | 1 {
  return outcome === 'Completed' || outcome === 'Cancelled' ? 0 : 1;
}
