import { join } from 'node:path';
import { tcpProbe } from './probe.ts';
import type { ProcessSpec } from './process.ts';
import { searchAttributes } from './search-attributes.ts';

export interface TemporalServerOptions {
  readonly executable: string;
  /** Folder of this server: database, log. */
  readonly dir: string;
  readonly port: number;
  /** Absent = no web UI. */
  readonly uiPort: number | undefined;
  /** One per node; all get the search attributes. */
  readonly namespaces: readonly string[];
}

/**
 * The development server has one history shard, whose task queues are polled 20 times a second by default; each task
 * dispatch then waits for the next tick (measured: 150 ms per no-op activity, 26 ms with these).
 */
const dynamicConfig: Readonly<Record<string, number>> = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.outboundProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 200,
};

/** Temporal's development server as a supervised process. */
export function temporalServer(options: TemporalServerOptions): ProcessSpec {
  const { executable, dir, port, uiPort, namespaces } = options;
  return {
    name: 'temporal',
    argv: [
      executable,
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${port}`,
      ...(uiPort === undefined ? ['--headless'] : [`--ui-port=${uiPort}`]),
      `--db-filename=${join(dir, 'temporal.db')}`,
      '--log-level=error',
      // A killed server loses nothing by this, only a machine that loses its power; each task is a third faster.
      '--sqlite-pragma=synchronous=0',
      '--sqlite-pragma=journal_mode=wal',
      '--disable-config-file',
      '--disable-config-env',
      ...namespaces.map((name) => `--namespace=${name}`),
      ...Object.entries(searchAttributes).map(([name, type]) => `--search-attribute=${name}=${type}`),
      ...Object.entries(dynamicConfig).map(([name, value]) => `--dynamic-config-value=${name}=${value}`),
    ],
    env: { HOME: dir },
    cwd: dir,
    logFile: join(dir, 'temporal.log'),
    port,
    ready: tcpProbe(port),
    readyWithinMs: 90_000,
    graceMs: 5_000,
  };
}
