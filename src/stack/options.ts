import type { OnProgress } from './progress.ts';
import type { SupervisedProcess } from './process.ts';
import type { WorkerSpec } from './workers.ts';

/** One cluster to start. */
export interface StackNode {
  /** DNS label, at most 51 characters; also cluster id and Temporal namespace. */
  readonly name: string;
  /** Fake worker nodes; none = a pure consumer. */
  readonly workers: readonly WorkerSpec[];
  /** CustomResourceDefinitions for this cluster only. */
  readonly extraCrds?: readonly object[];
}

/** What rearflow's own process of a node is told. */
export interface NodeContext {
  readonly name: string;
  readonly clusterId: string;
  /** Folder of this cluster. */
  readonly dir: string;
  /** Path, administrator. */
  readonly kubeconfig: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** Chosen free port for the gateway. */
  readonly gatewayPort: number;
  /** `host:port` of the other nodes' gateways. */
  readonly peers: readonly string[];
}

export interface NodeCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 when the node is ready. */
  readonly readyUrl: string;
}

export type CreateNodeCommand = (context: NodeContext) => NodeCommand | Promise<NodeCommand>;

export interface StackOptions {
  /** Absolute path; everything the stack writes is below. Must be absent, empty, or left by an earlier stack. */
  readonly dir: string;
  readonly nodes: readonly StackNode[];
  /** Temporal's web UI. */
  readonly ui?: boolean;
  readonly onProgress?: OnProgress;
  /** CustomResourceDefinitions for every cluster. */
  readonly rearflowCrds?: readonly object[];
  /** Starts one process of our own per node, once Liqo is ready. */
  readonly nodeCommand?: CreateNodeCommand;
  /** Aborting gives up the start; everything is stopped again. */
  readonly signal?: AbortSignal;
}

export interface StackCluster {
  readonly name: string;
  readonly clusterId: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly server: string;
  /** `host:port` of the node's gateway; only with a `nodeCommand`. */
  readonly gateway?: string;
}

export interface StackTemporal {
  readonly address: string;
  readonly uiAddress?: string;
  /** Node name → Temporal namespace. */
  readonly namespaces: Readonly<Record<string, string>>;
}

export interface Stack {
  readonly dir: string;
  /** `stack.json`: addresses, processes, kubeconfig paths; no secrets. */
  readonly stateFile: string;
  readonly temporal: StackTemporal;
  readonly clusters: readonly StackCluster[];
  /** One of the processes, for tests that stop, start or kill it, for example `milan/kube-apiserver` or `turin/node`. */
  process(name: string): SupervisedProcess;
  /** Stops everything and removes the folder. */
  stop(): Promise<void>;
}
