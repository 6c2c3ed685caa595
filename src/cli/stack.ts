import type { Command } from 'commander';
import { dirname } from 'node:path';
import { demoNodes } from '../demo/nodes.ts';
import { rearflowCrds } from '../kubernetes/crd/rearflow-crds.ts';
import { RearflowError, type ErrorCode } from '../platform/errors.ts';
import { moduleBeside } from '../platform/module-beside.ts';
import { stackDown, stackFolder, stackStatus, stackUp, type StackStatus } from '../stack/commands.ts';
import { progressPrinter } from '../stack/progress.ts';
import { findTool } from '../stack/toolchain/find.ts';
import { toolsDir } from '../stack/toolchain/toolchain.ts';
import { tools } from '../stack/toolchain/tools.ts';
import type { Paint } from '../view/style.ts';
import { tableLines } from '../view/table.ts';
import { outputOption, print, type Format } from './output.ts';
import { findStack } from './stack-access.ts';
import { untilStopped } from './until-stopped.ts';

interface Options {
  readonly name: string;
  readonly output: Format;
}

const refusals: readonly ErrorCode[] = ['ToolMissing', 'MachineTooSmall'];
const nodeModule = moduleBeside('../demo/nodes', import.meta.url).href;

/** `rearflow stack up | down | env | status`: two clusters, Temporal and Liqo in the background. */
export function addStackCommands(program: Command): void {
  const stack = program.command('stack').description('Run two clusters with Temporal and Liqo on this machine');
  const command = (name: string, says: string): Command =>
    stack
      .command(name)
      .description(says)
      .option('--name <name>', 'several stacks may run side by side', 'default')
      .addOption(outputOption());
  command('up', 'Start it in the background, and wait until it is ready').action(up);
  command('down', 'Stop it and remove its files').action(down);
  command('env', 'Print variables for a shell: eval "$(rearflow stack env)"')
    .option('--node <name>', 'whose Temporal namespace and cluster', 'turin')
    .action(environment);
  command('status', 'Show its addresses and processes; exit code 1 when one is not healthy').action(status);
}

async function up({ name, output }: Options): Promise<void> {
  const progress = progressPrinter(process.stderr);
  const order = {
    dir: folderOf(name),
    nodes: demoNodes,
    ui: true,
    rearflowCrds: rearflowCrds(),
    nodeModule,
  };
  try {
    await untilStopped((signal) =>
      stackUp({ ...order, onProgress: progress.onProgress, signal }).finally(() => progress.close()),
    );
  } catch (error) {
    // A machine that was refused leaves nothing; after a failed start the logs stay.
    if (error instanceof RearflowError && refusals.includes(error.code)) await stackDown(order.dir);
    throw error;
  }
  await status({ name, output });
  // The listeners of signals would keep the process from ending by itself.
  process.exit();
}

/** @throws RearflowError `InvalidConfig` for a name that would lead out of the folder of all stacks */
function folderOf(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) return stackFolder(name, process.env);
  throw new RearflowError('InvalidConfig', '--name: must be lower case letters, digits and inner dashes, at most 40', {
    field: 'name',
    hint: 'For example: rearflow stack up --name second',
  });
}

async function down({ name, output }: Options): Promise<void> {
  const stopped = await stackDown(folderOf(name));
  print(output, { name, stopped }, () => [
    stopped ? `Stack ${name} is stopped; nothing is left.` : `No stack ${name} runs.`,
  ]);
}

/** What `temporal` and `kubectl` need to find a node of the stack; the folder of its `temporal` comes first in PATH. */
async function environment({ name, node, output }: Options & { readonly node: string }): Promise<void> {
  const dir = folderOf(name);
  const found = await findStack(name, node);
  if (!found) {
    throw new RearflowError('NotFound', `no stack runs in ${dir}`, { hint: 'Start it: rearflow stack up' });
  }
  const { temporal } = found.state;
  const tool = tools.find((each) => each.name === 'temporal');
  const binary = tool && (await findTool(tool, toolsDir, process.env));
  const variables = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespaces[node] ?? node,
    KUBECONFIG: found.cluster.kubeconfig,
    ...(binary ? { PATH: `${dirname(binary.path)}:${process.env['PATH'] ?? ''}` } : {}),
  };
  print(output, variables, () =>
    Object.entries(variables).map(([key, value]) => `export ${key}='${value.replaceAll("'", `'\\''`)}'`),
  );
}

async function status({ name, output }: Options): Promise<void> {
  const found = await stackStatus(folderOf(name));
  print(output, found, (paint) => statusLines(name, found, paint));
  if (!found.running || found.processes.some(({ health }) => health !== 'healthy')) process.exitCode = 1;
}

type Process = StackStatus['processes'][number];

function statusLines(name: string, { running, state, processes }: StackStatus, paint: Paint): string[] {
  if (!running) return [`No stack ${name} runs. Start it: rearflow stack up`];
  const columns = [
    { title: 'process', cell: (each: Process) => each.name },
    { title: 'health', cell: ({ health }: Process) => paint(health === 'healthy' ? 'good' : 'bad', health) },
    { title: 'pid', cell: ({ pid }: Process) => String(pid ?? ''), right: true },
    { title: 'port', cell: ({ port }: Process) => String(port ?? ''), right: true },
    { title: 'restarts', cell: ({ restarts }: Process) => String(restarts), right: true },
  ];
  const addresses = state
    ? [
        `Temporal  ${state.temporal.address}, UI ${state.temporal.uiAddress ?? 'off'}`,
        ...state.clusters.map(
          (each) => `${each.name.padEnd(8)}  ${each.kubeconfig}, gateway ${each.gateway ?? 'none'}`,
        ),
      ]
    : ['It is starting.'];
  return [...addresses, '', ...tableLines(columns, processes, paint)];
}
