import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RearflowError } from '../platform/errors.ts';
import { startCluster } from './cluster-start.ts';
import type { ControlPlane } from './control-plane.ts';
import { claimFolder } from './folder.ts';
import { fullDisk, isFullDisk } from './full-disk.ts';
import type { Stack, StackCluster, StackOptions, StackTemporal } from './options.ts';
import { Ports } from './ports.ts';
import { httpProbe } from './probe.ts';
import { ProcessTable } from './process-table.ts';
import type { OnProgress } from './progress.ts';
import { stateFile, writeState } from './state-file.ts';
import { temporalServer } from './temporal.ts';
import { checkMachine } from './toolchain/machine.ts';
import { ensureToolchain } from './toolchain/toolchain.ts';
import type { Toolchain } from './toolchain/toolchain.ts';

const nameRule = /^[a-z]([a-z0-9-]{0,49}[a-z0-9])?$/;

/**
 * Starts Temporal and one Kubernetes cluster with Liqo per node, all as processes of this machine.
 *
 * Children never outlive the calling process. Ports are chosen free, all state is below `options.dir`.
 *
 * @throws RearflowError `ToolMissing`, `MachineTooSmall`, `InvalidConfig`, `StackFailed`; nothing runs then, the log
 *   files stay in the folder. An aborted start throws the signal's reason and leaves no file.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const starter = new StackStarter(options);
  try {
    return await starter.start();
  } catch (error) {
    await starter.giveUp();
    throw isFullDisk(error) ? fullDisk('the stack was starting', error) : error;
  }
}

/** Everything that lives as long as one stack. */
class StackStarter {
  readonly #options: StackOptions;
  readonly #processes: ProcessTable;
  readonly #ports = new Ports();
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #startedAt = new Date().toISOString();
  #claimed = false;
  #closed = false;
  #starting: Promise<unknown> = Promise.resolve();
  #publish: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: StackOptions) {
    this.#options = options;
    this.#processes = new ProcessTable(options.dir, (event) => {
      options.onProgress?.(event);
      this.#publish?.();
    });
  }

  async start(): Promise<Stack> {
    const { dir, nodes, signal } = this.#options;
    const onProgress: OnProgress = (event) => this.#options.onProgress?.(event);
    checkNames(this.#options);
    await claimFolder(dir);
    this.#claimed = true;
    await checkMachine(dir, nodes.length);
    const toolchain = await ensureToolchain({ env: process.env, onProgress, ...(signal ? { signal } : {}) });
    signal?.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    const starting = this.#startAll(toolchain);
    this.#starting = starting;
    const stack = await Promise.race([starting, aborted]);
    signal?.throwIfAborted();
    return stack;
  }

  /** After a failed start: processes end, files stay for reading; after an aborted one they go, too. */
  async giveUp(): Promise<void> {
    await this.close();
    if (!this.#claimed || !this.#options.signal?.aborted) return;
    await rm(this.#options.dir, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Stops every process; files stay. */
  async close(): Promise<void> {
    this.#publish = undefined;
    this.#closed = true;
    await Promise.all(this.#closers.map(async (close) => close()));
    await this.#processes.stopAll();
    await Promise.allSettled([this.#starting, this.#writing]);
  }

  async #startAll(toolchain: Toolchain): Promise<Stack> {
    const { dir, nodes, onProgress, rearflowCrds = [] } = this.#options;
    const [temporal, ...planes] = await Promise.all([
      this.#startTemporal(toolchain),
      ...nodes.map(async (node) =>
        startCluster({
          dir,
          node,
          crds: [...rearflowCrds, ...(node.extraCrds ?? [])],
          toolchain,
          ports: this.#ports,
          processes: this.#processes,
          onProgress: (event) => onProgress?.(event),
          onClose: (close) => {
            if (this.#closed) void close();
            else this.#closers.push(close);
          },
        }),
      ),
    ]);
    const clusters = await this.#startNodes(temporal, planes);
    this.#publish = () => {
      const state = { ownerPid: process.pid, startedAt: this.#startedAt, temporal, clusters };
      this.#writing = this.#writing.then(async () => {
        await writeState(dir, { ...state, processes: this.#processes.statuses() }).catch((error: unknown) => {
          this.#options.onProgress?.({ kind: 'trouble', text: `stack.json: ${String(error)}` });
        });
      });
    };
    this.#publish();
    await this.#writing;
    return {
      dir,
      stateFile: stateFile(dir),
      temporal,
      clusters,
      process: (name) => {
        const found = this.#processes.get(name);
        if (!found) throw new RangeError(`no process ${name}: ${this.#names()}`);
        return found;
      },
      stop: async () => {
        await this.close();
        await rm(dir, { recursive: true, force: true });
      },
    };
  }

  #names(): string {
    return this.#processes
      .statuses()
      .map(({ name }) => name)
      .join(', ');
  }

  async #startTemporal({ paths }: Toolchain): Promise<StackTemporal> {
    const { dir, nodes, ui } = this.#options;
    const port = await this.#ports.next();
    const uiPort = ui ? await this.#ports.next() : undefined;
    const namespaces = nodes.map(({ name }) => name);
    const folder = join(dir, 'temporal');
    await this.#processes.run(
      temporalServer({ executable: paths.temporal, dir: folder, port, uiPort, namespaces }),
      'server',
    );
    return {
      address: `127.0.0.1:${port}`,
      ...(uiPort === undefined ? {} : { uiAddress: `http://127.0.0.1:${uiPort}` }),
      namespaces: Object.fromEntries(namespaces.map((name) => [name, name])),
    };
  }

  /** Gateway ports are chosen before the first node starts, because each is told those of the others. */
  async #startNodes(temporal: StackTemporal, planes: readonly ControlPlane[]): Promise<readonly StackCluster[]> {
    const clusters = planes.map(({ name, kubeconfig, server }) => ({ name, clusterId: name, kubeconfig, server }));
    const { nodeCommand } = this.#options;
    if (!nodeCommand) return clusters;
    const withPorts = await Promise.all(
      planes.map(async (plane) => ({ plane, gatewayPort: await this.#ports.next() })),
    );
    const start = async ({ plane, gatewayPort }: (typeof withPorts)[number]): Promise<void> => {
      const { name, dir, kubeconfig } = plane;
      const others = withPorts.filter((other) => other.plane !== plane);
      const command = await nodeCommand({
        name,
        clusterId: name,
        dir,
        kubeconfig,
        temporal: { address: temporal.address, namespace: name },
        gatewayPort,
        peers: others.map((other) => `127.0.0.1:${other.gatewayPort}`),
      });
      await this.#processes.run(
        {
          name: `${name}/node`,
          argv: command.argv,
          env: command.env,
          cwd: dir,
          logFile: join(dir, 'logs', 'node.log'),
          port: gatewayPort,
          ready: httpProbe(command.readyUrl),
          readyWithinMs: 60_000,
          graceMs: 5_000,
        },
        'node',
      );
    };
    await Promise.all(withPorts.map(start));
    return clusters.map((cluster, index) => ({
      ...cluster,
      gateway: `127.0.0.1:${withPorts[index]?.gatewayPort ?? 0}`,
    }));
  }
}

function checkNames({ nodes }: StackOptions): void {
  const names = nodes.map(({ name }) => name);
  const wrong = names.find((name, index) => !nameRule.test(name) || names.indexOf(name) !== index);
  if (wrong === undefined) return;
  throw new RearflowError(
    'InvalidConfig',
    `nodes: ${wrong} is no unique lower-case DNS label of at most 51 characters`,
    {
      field: 'nodes',
    },
  );
}
