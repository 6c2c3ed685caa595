import type { Command } from 'commander';
import type { RearflowClient, RearflowClientOptions } from '../client.ts';
import type { SellerClient } from '../client/seller.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { loadConfig, NodeConfig } from '../platform/config.ts';
import { RearflowError } from '../platform/errors.ts';
import { workloadRules, type WorkloadRules } from '../workload/safety.ts';
import { named } from './named-config.ts';
import { defaultNode, findStack } from './stack-access.ts';

/** Where a command finds Temporal and the cluster. */
export interface AccessOptions {
  readonly address?: string;
  readonly namespace?: string;
  /** Only when it was named. */
  readonly node?: string;
  readonly stack: string;
  readonly kubeconfig?: string;
  readonly config?: string;
}

/** Which node a command speaks for. */
export function addNodeOptions(command: Command): Command {
  return command
    .option('--node <name>', `node of the embedded stack (default: "${defaultNode}")`)
    .option('--stack <name>', 'name of the embedded stack', 'default')
    .option('-c, --config <file>', 'configuration of a node (YAML); also REARFLOW_CONFIG');
}

export function addTemporalOptions(command: Command): Command {
  return addNodeOptions(command)
    .option('--address <host:port>', "Temporal's frontend; else TEMPORAL_ADDRESS, else the embedded stack")
    .option('--namespace <name>', 'Temporal namespace; else TEMPORAL_NAMESPACE, else that of the node');
}

export function addClusterOptions(command: Command): Command {
  return addNodeOptions(command).option('--kubeconfig <file>', 'kubeconfig; else that of the node, else KUBECONFIG');
}

/** Options, then a node of the embedded stack that was named, then Temporal's environment, then a node's configuration, then the embedded stack, then 127.0.0.1:7233. */
async function temporalAddress(options: AccessOptions): Promise<RearflowClientOptions> {
  const { address: asked, namespace: within } = options;
  if (options.node !== undefined && asked === undefined && options.config === undefined) {
    const found = await stackTemporal(options);
    if (found) return { ...found, ...(within === undefined ? {} : { namespace: within }) };
  }
  const environment = await environmentSettings();
  const address = options.address ?? environment.address;
  const namespace = options.namespace ?? environment.namespace;
  const given = { ...(address === undefined ? {} : { address }), ...(namespace === undefined ? {} : { namespace }) };
  if (address !== undefined) return given;
  const file = options.config ?? process.env['REARFLOW_CONFIG'];
  if (file !== undefined) return { ...loadConfig(named(file)).config.temporal, ...given };
  return { ...(await stackTemporal(options)), ...given };
}

async function stackTemporal({ stack, node }: AccessOptions): Promise<RearflowClientOptions | undefined> {
  const found = await findStack(stack, node);
  if (!found) return undefined;
  const { temporal } = found.state;
  const { name } = found.cluster;
  return { address: temporal.address, namespace: temporal.namespaces[name] ?? name };
}

async function environmentSettings(): Promise<RearflowClientOptions> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig();
    const { address } = connectionOptions;
    return { ...(address === undefined ? {} : { address }), ...(namespace === undefined ? {} : { namespace }) };
  } catch (cause) {
    throw new RearflowError('InvalidConfig', `Temporal's environment configuration: ${String(cause)}`, {
      hint: 'Correct the TEMPORAL_* variables or the file that TEMPORAL_CONFIG_FILE names.',
      cause,
    });
  }
}

/** @throws RearflowError `TemporalUnreachable`, `InvalidConfig`, and what the work throws */
export async function withClient<T>(options: AccessOptions, work: (client: RearflowClient) => Promise<T>): Promise<T> {
  const { RearflowClient } = await import('../client.ts');
  const client = await RearflowClient.connect(await temporalAddress(options));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** @throws RearflowError `TemporalUnreachable`, `InvalidConfig`, and what the work throws */
export async function withSeller<T>(options: AccessOptions, work: (seller: SellerClient) => Promise<T>): Promise<T> {
  const { SellerClient } = await import('../client/seller.ts');
  const seller = await SellerClient.connect(await temporalAddress(options));
  try {
    return await work(seller);
  } finally {
    await seller.close();
  }
}

/** The file that is named; who names a node of the embedded stack does not mean that of the environment. */
export const configFileOf = ({ config, node }: AccessOptions): string | undefined =>
  config ?? (node === undefined ? process.env['REARFLOW_CONFIG'] : undefined);

/** Configuration of the node that a command speaks for: a file, else the embedded stack's, else nothing but defaults. */
export async function nodeConfig(options: AccessOptions): Promise<NodeConfig> {
  const file = configFileOf(options);
  const stack =
    file === undefined && options.kubeconfig === undefined ? await findStack(options.stack, options.node) : undefined;
  const path = file === undefined ? stack?.configFile : named(file);
  const config = path === undefined ? NodeConfig.parse({ node: { name: 'cli' } }) : loadConfig(path).config;
  const kubeconfig = options.kubeconfig ?? config.kubernetes.kubeconfig ?? process.env['KUBECONFIG'];
  return { ...config, kubernetes: kubeconfig === undefined ? {} : { kubeconfig } };
}

/** What the node that a command speaks for lets pods ask for; undefined when no configuration of it is at hand. */
export async function knownRules(options: AccessOptions): Promise<WorkloadRules | undefined> {
  if (configFileOf(options) === undefined) {
    if (options.address !== undefined || !(await findStack(options.stack, options.node))) return undefined;
  }
  return workloadRules(await nodeConfig(options));
}

/** What a command that reads tables works with. */
export interface NodeAccess {
  readonly config: NodeConfig;
  readonly cluster: Cluster;
}

/** @throws RearflowError `ClusterUnreachable` when no kubeconfig is known, and what the work throws */
export async function withCluster<T>(options: AccessOptions, work: (node: NodeAccess) => Promise<T>): Promise<T> {
  const config = await nodeConfig(options);
  const { kubeconfig } = config.kubernetes;
  if (kubeconfig === undefined) {
    throw new RearflowError('ClusterUnreachable', `no cluster is known, and no embedded stack ${options.stack} runs`, {
      hint: 'Start one with `rearflow stack up`, or give --kubeconfig or --config.',
    });
  }
  const cluster = await connected(kubeconfig);
  try {
    return await work({ config, cluster });
  } finally {
    await cluster.close();
  }
}

/** What stands in a kubeconfig is never repeated: it holds secrets. */
async function connected(kubeconfig: string): Promise<Cluster> {
  // Loaded late, as Temporal's client is: each takes longer than a command that needs neither.
  const { connectCluster } = await import('../kubernetes/connect.ts');
  try {
    return connectCluster(kubeconfig);
  } catch (cause) {
    if (cause instanceof RearflowError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'there is no such file' : 'is no kubeconfig that can be read';
    const hint = 'Name the file of the right one: --kubeconfig or KUBECONFIG.';
    throw new RearflowError('ClusterUnreachable', `${kubeconfig}: ${why}`, { hint, cause });
  }
}
