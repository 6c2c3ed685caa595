import { runMatrix } from '../test/resilience/crash/matrix.ts';
import { paths } from '../test/resilience/crash/paths.ts';
import { median, rounded } from './statistics.ts';

/** Effects in each phase that are done and never reported, because the worker is killed there. */
const points = [
  'done lookUp 1',
  'done discover 1',
  'done reserve 1',
  'done purchase 1',
  'done peerAsBuyer 1',
  'done bringUpVirtualNode 1',
  'done awaitRunning 1',
  'done deleteSlice 1',
  'done endContract 1',
];
const barMs = 15_000;

/**
 * kill -9 of the worker in each phase of an intent; time until the worker after it is given the next activity, start of
 * its process included. Doubles of Liqo and of the seller stand for the rest.
 */
export async function benchRecovery({ json }: { json: boolean }): Promise<object> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const { cells } = await runMatrix({
    paths: paths.filter(({ name }) => name === 'success'),
    workers: 1,
    select: () => points,
    stopAtFirst: false,
    onCell: ({ point = 'warm-up', recoveryMs, outcome }) => {
      if (!json) say(`${point.padEnd(28)} ${outcome.padEnd(12)} ${String(recoveryMs ?? '')} ms`);
    },
  });
  const found = cells.flatMap(({ recoveryMs }) => recoveryMs ?? []);
  const slowest = Math.max(...found);
  say(`recovery after kill -9: median ${String(rounded(median(found), 0))} ms, slowest ${String(slowest)} ms`);
  return {
    medianMs: rounded(median(found), 0),
    slowestMs: slowest,
    barMs,
    withinBar: slowest <= barMs,
    kills: found.length,
  };
}
