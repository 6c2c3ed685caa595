export const podLevels = ['baseline', 'restricted', 'privileged'] as const;
/** Kubernetes' Pod Security levels; `privileged` demands nothing. */
export type PodLevel = (typeof podLevels)[number];

type Scalar = string | number | boolean;

/** What may stand in one field of a pod, as data: TypeScript and CEL read the same list. */
export interface FieldRule {
  readonly of: 'pod' | 'container' | 'both';
  /** From the pod's spec or the container on; `[]` means each item. */
  readonly path: string;
  /** Values that may stand there; none = the field must be left out. */
  readonly allow?: readonly Scalar[];
  /** Values that may not. */
  readonly refuse?: readonly Scalar[];
  /** The largest number that may stand there. */
  readonly atMost?: number;
  /** The keys an object there may have. */
  readonly keys?: readonly string[];
  /** A list there has to hold this. */
  readonly holds?: string;
  /** A missing field is refused too: always, or when the pod does not say it for its containers either. */
  readonly stated?: 'always' | 'here or in the pod';
}

const handlers = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'];
const capabilities = 'securityContext.capabilities';

const baseline: readonly FieldRule[] = [
  ...['hostNetwork', 'hostPID', 'hostIPC'].map((path): FieldRule => ({ of: 'pod', path, allow: [false] })),
  { of: 'both', path: 'securityContext.windowsOptions.hostProcess', allow: [false] },
  { of: 'container', path: 'securityContext.privileged', allow: [false] },
  {
    of: 'container',
    path: `${capabilities}.add[]`,
    allow: [
      ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
      ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
    ],
  },
  { of: 'pod', path: 'volumes[].hostPath', allow: [] },
  { of: 'container', path: 'ports[].hostPort', allow: [0] },
  ...handlers.flatMap((handler): FieldRule[] =>
    ['httpGet', 'tcpSocket'].map((how) => ({ of: 'container', path: `${handler}.${how}.host`, allow: [''] })),
  ),
  { of: 'both', path: 'securityContext.appArmorProfile.type', allow: ['RuntimeDefault', 'Localhost'] },
  {
    of: 'both',
    path: 'securityContext.seLinuxOptions.type',
    allow: ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'],
  },
  { of: 'both', path: 'securityContext.seLinuxOptions.user', allow: [''] },
  { of: 'both', path: 'securityContext.seLinuxOptions.role', allow: [''] },
  { of: 'container', path: 'securityContext.procMount', allow: ['Default'] },
  { of: 'both', path: 'securityContext.seccompProfile.type', allow: ['RuntimeDefault', 'Localhost'] },
  {
    of: 'pod',
    path: 'securityContext.sysctls[].name',
    allow: [
      'kernel.shm_rmid_forced',
      ...['ip_local_port_range', 'ip_local_reserved_ports', 'ip_unprivileged_port_start', 'ping_group_range'],
      ...['tcp_syncookies', 'tcp_keepalive_time', 'tcp_keepalive_intvl', 'tcp_keepalive_probes', 'tcp_fin_timeout'],
      ...['tcp_rmem', 'tcp_wmem'],
    ].map((name) => (name.startsWith('kernel.') ? name : `net.ipv4.${name}`)),
  },
];

const restricted: readonly FieldRule[] = [
  {
    of: 'pod',
    path: 'volumes[]',
    keys: [
      ...['name', 'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim'],
      ...['projected', 'secret'],
    ],
  },
  { of: 'container', path: 'securityContext.allowPrivilegeEscalation', allow: [false], stated: 'always' },
  { of: 'both', path: 'securityContext.runAsNonRoot', allow: [true], stated: 'here or in the pod' },
  { of: 'both', path: 'securityContext.runAsUser', refuse: [0] },
  {
    of: 'both',
    path: 'securityContext.seccompProfile.type',
    allow: ['RuntimeDefault', 'Localhost'],
    stated: 'here or in the pod',
  },
  { of: 'container', path: `${capabilities}.add[]`, allow: ['NET_BIND_SERVICE'] },
  { of: 'container', path: `${capabilities}.drop`, holds: 'ALL' },
];

/** Longest time that a pod may take to end, seconds: the seller's end of service waits for it. */
export const longestGraceSeconds = 300;

const antiAffinity = 'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[]';

/**
 * What no contract includes, whatever the level: a place of one's own choice, precedence over others, other taints than
 * the two that Kubernetes lets every pod tolerate and Liqo's own, other accounts, devices that were not sold, amounts that
 * containers do not state, keeping other namespaces' pods away, and an end that takes long.
 */
export const saleRules: readonly FieldRule[] = [
  { of: 'pod', path: 'nodeName', allow: [''] },
  { of: 'pod', path: 'priorityClassName', allow: [''] },
  { of: 'pod', path: 'priority', allow: [0] },
  {
    of: 'pod',
    path: 'tolerations[].key',
    allow: ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable', 'virtual-node.liqo.io/not-allowed'],
    stated: 'always',
  },
  { of: 'pod', path: 'serviceAccountName', allow: ['', 'default'] },
  { of: 'pod', path: 'serviceAccount', allow: ['', 'default'] },
  { of: 'pod', path: 'resourceClaims[]', allow: [] },
  { of: 'pod', path: 'resources', allow: [] },
  { of: 'container', path: 'resources.claims[]', allow: [] },
  { of: 'pod', path: `${antiAffinity}.namespaces[]`, allow: [] },
  { of: 'pod', path: `${antiAffinity}.namespaceSelector`, allow: [] },
  { of: 'pod', path: 'terminationGracePeriodSeconds', atMost: longestGraceSeconds },
];

/** Fields of the Pod Security Standards, as Kubernetes 1.36 checks them. @see k8s.io/pod-security-admission */
export function levelRules(level: PodLevel): readonly FieldRule[] {
  if (level === 'privileged') return [];
  return level === 'baseline' ? baseline : [...baseline, ...restricted];
}

/** Until 1.30 annotations carried the AppArmor profile, and they still count. */
export const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

/** The groups of containers in a pod's spec. */
export const containerGroups = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** What a rule demands, to be read after the field's name. */
export function ruleText(rule: FieldRule): string {
  const { allow, refuse, keys, holds, atMost } = rule;
  if (atMost !== undefined) return `must be at most ${String(atMost)}`;
  if (holds !== undefined) return `must hold ${holds}`;
  if (keys) return `may be of these kinds only: ${keys.slice(1).join(', ')}`;
  if (refuse) return `must not be ${refuse.join(', ')}`;
  const values = (allow ?? []).filter((value) => Boolean(value) || rule.stated !== undefined);
  if (values.length === 0) return 'is not allowed';
  const [only] = values.length === 1 ? values : [];
  const must = only === undefined ? `must be one of ${values.join(', ')}` : `must be ${String(only)}`;
  return rule.stated === undefined ? `${must}, or left out` : must;
}
