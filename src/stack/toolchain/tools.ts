/** One server that the embedded stack runs; pinned by a Go module below `tools/`. */
export interface Tool {
  readonly name: ToolName;
  readonly version: string;
  /** Folder below `tools/` that holds go.mod and go.sum. */
  readonly module: string;
  readonly package: string;
  /** Linker flags beyond `-s -w`. */
  readonly ldflags: string;
  /** Seconds a cold build takes on two cores, and megabytes of the result (measured). */
  readonly expectedSeconds: number;
  readonly megabytes: number;
  /** How `--version` of the right binary reads; absent = never taken from PATH, because it cannot be recognized there. */
  readonly versionText?: string;
}

export const toolNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'temporal',
  'kwok',
  'liqo-controller-manager',
  'crd-replicator',
  'webhook',
  'virtual-kubelet',
] as const;
export type ToolName = (typeof toolNames)[number];

const kubernetesVersion = 'v1.36.3';
const liqoVersion = 'v1.2.0';

function kubernetes(name: ToolName, expectedSeconds: number, megabytes: number): Tool {
  return {
    name,
    version: kubernetesVersion,
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    // Without it the API server calls itself v0.0.0 and clients refuse it.
    ldflags: `-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}`,
    expectedSeconds,
    megabytes,
    versionText: `Kubernetes ${kubernetesVersion}`,
  };
}

function liqo(name: ToolName, expectedSeconds: number, megabytes: number): Tool {
  return {
    name,
    version: liqoVersion,
    module: 'liqo',
    package: `github.com/liqotech/liqo/cmd/${name}`,
    ldflags: '',
    expectedSeconds,
    megabytes,
  };
}

/** All tools, the longest build first so that two builds at a time end together. */
export const tools: readonly Tool[] = [
  kubernetes('kube-apiserver', 200, 106),
  {
    name: 'temporal',
    version: 'v1.8.2',
    module: 'temporal',
    package: 'github.com/temporalio/cli/cmd/temporal',
    ldflags: '',
    expectedSeconds: 220,
    megabytes: 138,
    versionText: 'Server 1.31.2',
  },
  liqo('liqo-controller-manager', 120, 66),
  kubernetes('kube-controller-manager', 60, 96),
  {
    name: 'kwok',
    version: 'v0.7.0',
    module: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    ldflags: '',
    expectedSeconds: 75,
    megabytes: 88,
    versionText: 'kwok version v0.7.0',
  },
  liqo('crd-replicator', 20, 60),
  liqo('virtual-kubelet', 20, 64),
  liqo('webhook', 20, 62),
  kubernetes('kube-scheduler', 20, 73),
  {
    name: 'etcd',
    version: 'v3.6.8',
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    ldflags: '',
    expectedSeconds: 25,
    megabytes: 27,
    versionText: 'etcd Version: 3.6.8',
  },
];
