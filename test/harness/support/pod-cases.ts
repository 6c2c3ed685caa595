/*
 * One table for both sides: the buyer's check in TypeScript and the seller's admission policy in CEL are tested against
 * the same pods, so that they cannot come apart.
 */

type Plain = Readonly<Record<string, unknown>>;
type Verdict = 'fine' | 'refused';

export interface PodCase {
  readonly name: string;
  readonly spec: Plain;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly baseline: Verdict;
  readonly restricted: Verdict;
}

/** What the contract of these pods holds. */
export const held = { cpu: '2', memory: '1Gi', pods: '10', 'ephemeral-storage': '1Gi' };

const amounts = { cpu: '100m', memory: '64Mi' };
export const stated = { requests: amounts, limits: amounts };
const security = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const podSecurity = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };

/** A container that even `restricted` lets pass. */
export const main: Plain = { name: 'main', image: 'any', resources: stated, securityContext: security };
const container = (changes: Plain, name = 'main'): Plain => ({ ...main, name, ...changes });
const securing = (changes: Plain): Plain => container({ securityContext: { ...security, ...changes } });
/** A pod that even `restricted` lets pass. */
export const pod = (changes: Plain = {}): Plain => ({ securityContext: podSecurity, containers: [main], ...changes });
const secure = (changes: Plain): Plain => pod({ securityContext: { ...podSecurity, ...changes } });
const only = (each: Plain): Plain => pod({ containers: [each] });
const volume = (source: Plain): Plain => pod({ volumes: [{ name: 'v', ...source }] });
const needs = (requests: Plain, limits: Plain = requests): Plain => ({ resources: { requests, limits } });

const both =
  (verdict: Verdict) =>
  (name: string, spec: Plain): PodCase => ({
    ...{ name, spec, baseline: verdict, restricted: verdict },
  });
const bad = both('refused');
const good = both('fine');
const loose = (name: string, spec: Plain): PodCase => ({ ...good(name, spec), restricted: 'refused' });
const annotated = (each: PodCase, profile: string): PodCase => ({
  ...each,
  annotations: { 'container.apparmor.security.beta.kubernetes.io/main': profile },
});

const handlers = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const get = { httpGet: { port: 80, host: '169.254.169.254' } };
const tcp = { tcpSocket: { port: 80, host: '10.0.0.1' } };

const standard: readonly PodCase[] = [
  good('a pod as it should be', pod()),
  bad('hostNetwork', pod({ hostNetwork: true })),
  bad('hostPID', pod({ hostPID: true })),
  bad('hostIPC', pod({ hostIPC: true })),
  good('host namespaces that are not wanted', pod({ hostNetwork: false, hostPID: false, hostIPC: false })),
  bad('a privileged container', only(securing({ privileged: true }))),
  bad('a privileged init container', pod({ initContainers: [{ ...securing({ privileged: true }), name: 'init' }] })),
  bad('a privileged sidecar', {
    ...pod({ initContainers: [{ ...securing({ privileged: true }), name: 'side', restartPolicy: 'Always' }] }),
  }),
  bad('an ephemeral container', pod({ ephemeralContainers: [{ name: 'debug', image: 'any' }] })),
  bad('a Windows host process of the pod', secure({ windowsOptions: { hostProcess: true } })),
  bad('a Windows host process of a container', only(securing({ windowsOptions: { hostProcess: true } }))),
  bad('capability SYS_ADMIN', only(securing({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }))),
  bad('all capabilities', only(securing({ capabilities: { drop: ['ALL'], add: ['ALL'] } }))),
  loose('capability CHOWN', only(securing({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } }))),
  good('capability NET_BIND_SERVICE', only(securing({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }))),
  bad('a path of the host', volume({ hostPath: { path: '/' } })),
  loose('a volume of NFS', volume({ nfs: { server: 'any', path: '/' } })),
  good('a projected volume', volume({ projected: { sources: [{ configMap: { name: 'c' } }] } })),
  good('an emptyDir', volume({ emptyDir: {} })),
  bad('a port of the host', only(container({ ports: [{ containerPort: 80, hostPort: 80 }] }))),
  good('a port of its own', only(container({ ports: [{ containerPort: 80 }] }))),
  ...handlers.flatMap((handler) => [
    bad(`${handler} that reaches another host by HTTP`, only(container({ [handler]: get }))),
    bad(`${handler} that reaches another host by TCP`, only(container({ [handler]: tcp }))),
  ]),
  good('a probe of itself', only(container({ livenessProbe: { httpGet: { port: 80 } } }))),
  bad('a hook after the start that reaches another host', only(container({ lifecycle: { postStart: get } }))),
  bad('a hook before the stop that reaches another host', only(container({ lifecycle: { preStop: tcp } }))),
  bad('no AppArmor profile for the pod', secure({ appArmorProfile: { type: 'Unconfined' } })),
  bad('no AppArmor profile for a container', only(securing({ appArmorProfile: { type: 'Unconfined' } }))),
  annotated(bad('no AppArmor profile, by annotation', pod()), 'unconfined'),
  annotated(good('the default AppArmor profile, by annotation', pod()), 'runtime/default'),
  annotated(good('a local AppArmor profile, by annotation', pod()), 'localhost/mine'),
  bad('another SELinux type', secure({ seLinuxOptions: { type: 'spc_t' } })),
  bad('an SELinux user', only(securing({ seLinuxOptions: { user: 'system_u' } }))),
  bad('an SELinux role', only(securing({ seLinuxOptions: { role: 'system_r' } }))),
  good("a container's SELinux type", secure({ seLinuxOptions: { type: 'container_t' } })),
  bad('an unmasked /proc', only(securing({ procMount: 'Unmasked' }))),
  bad('no seccomp for the pod', secure({ seccompProfile: { type: 'Unconfined' } })),
  bad('no seccomp for a container', only(securing({ seccompProfile: { type: 'Unconfined' } }))),
  bad('an unsafe sysctl', secure({ sysctls: [{ name: 'kernel.msgmax', value: '1' }] })),
  good('a safe sysctl', secure({ sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] })),
  loose('privilege escalation', only(securing({ allowPrivilegeEscalation: true }))),
  loose(
    'privilege escalation that is not ruled out',
    only(container({ securityContext: { capabilities: { drop: ['ALL'] } } })),
  ),
  loose('user root', only(securing({ runAsUser: 0 }))),
  loose('perhaps root', pod({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } })),
  good('not root, said by the container', {
    ...pod({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
    containers: [securing({ runAsNonRoot: true })],
  }),
  loose('seccomp left open', pod({ securityContext: { runAsNonRoot: true } })),
  loose('capabilities kept', only(securing({ capabilities: {} }))),
];

const affinity = (term: Plain): Plain => {
  const terms = [{ topologyKey: 'kubernetes.io/hostname', labelSelector: {}, ...term }];
  return pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });
};

const sale: readonly PodCase[] = [
  bad('a node of its own choice', pod({ nodeName: 'other' })),
  bad('priority class system-node-critical', pod({ priorityClassName: 'system-node-critical' })),
  bad('priority class system-cluster-critical', pod({ priorityClassName: 'system-cluster-critical' })),
  bad('a priority class of the seller', pod({ priorityClassName: 'mine-first' })),
  bad('a priority as a number', pod({ priority: 2_000_000_000 })),
  bad('a toleration of the control plane', {
    ...pod({ tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }),
  }),
  bad('a toleration of everything', pod({ tolerations: [{ operator: 'Exists' }] })),
  good('the tolerations that Kubernetes adds', {
    ...pod({ tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }] }),
  }),
  bad('an account of the seller', pod({ serviceAccountName: 'admin' })),
  bad('an account of the seller by its old name', pod({ serviceAccount: 'admin' })),
  good('the default account', pod({ serviceAccountName: 'default' })),
  bad('devices by claim', pod({ resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] })),
  bad('amounts for the whole pod', pod({ resources: stated })),
  bad("anti-affinity against others' namespaces", affinity({ namespaces: ['default'] })),
  bad('anti-affinity against all namespaces', affinity({ namespaceSelector: {} })),
  good('anti-affinity among its own', affinity({})),
  good('five minutes to end', pod({ terminationGracePeriodSeconds: 300 })),
  bad('an hour to end', pod({ terminationGracePeriodSeconds: 3_600 })),
];

const many = (count: number, name: string): Plain[] =>
  Array.from({ length: count }, (_each, index) =>
    container(needs({ cpu: '50m', memory: '1Mi' }), `${name}${String(index)}`),
  );

const sizes: readonly PodCase[] = [
  bad('no requests', only(container({ resources: { limits: amounts } }))),
  bad('no limits', only(container({ resources: { requests: amounts } }))),
  bad('no amounts at all', only(container({ resources: {} }))),
  bad('no limit of memory', only(container(needs(amounts, { cpu: '100m' })))),
  bad('a limit of zero, which is none', only(container(needs(amounts, { cpu: '0', memory: '64Mi' })))),
  bad('requests of zero', only(container(needs({ cpu: '0', memory: '0' })))),
  bad('64 CPU beside a request of 1m', only(container(needs({ ...amounts, cpu: '1m' }, { ...amounts, cpu: '64' })))),
  good('twice the CPU that is requested', only(container(needs(amounts, { ...amounts, cpu: '200m' })))),
  bad('more than twice the CPU', only(container(needs(amounts, { ...amounts, cpu: '201m' })))),
  bad('more memory than is requested', only(container(needs(amounts, { ...amounts, memory: '65Mi' })))),
  bad(
    'an init container without amounts',
    pod({ initContainers: [{ ...container({ resources: {} }), name: 'init' }] }),
  ),
  bad('a sidecar without amounts', {
    ...pod({ initContainers: [{ ...container({ resources: {} }), name: 'side', restartPolicy: 'Always' }] }),
  }),
  bad('more CPU than the contract holds', only(container(needs({ cpu: '2100m', memory: '64Mi' })))),
  good('exactly what the contract holds', only(container(needs({ cpu: '2', memory: '1Gi' })))),
  bad('two containers that are too much together', {
    ...pod({
      containers: [1, 2].map((index) => container(needs({ cpu: '1100m', memory: '64Mi' }), `c${String(index)}`)),
    }),
  }),
  good('three containers that add up exactly', {
    ...pod({
      containers: [1, 2, 3].map((index) => container(needs({ cpu: '300m', memory: '64Mi' }), `c${String(index)}`)),
    }),
  }),
  bad(
    'an init container that is too much',
    pod({ initContainers: [container(needs({ cpu: '3', memory: '64Mi' }), 'init')] }),
  ),
  good('a large init container before a small one', {
    ...pod({ initContainers: [container(needs({ cpu: '2', memory: '64Mi' }), 'init')] }),
  }),
  bad('a sidecar that is too much beside the containers', {
    ...pod({
      initContainers: [{ ...container(needs({ cpu: '2', memory: '64Mi' }), 'side'), restartPolicy: 'Always' }],
    }),
  }),
  bad('an init container that is too much beside the sidecar before it', {
    ...pod({
      initContainers: [
        { ...container(needs({ cpu: '500m', memory: '64Mi' }), 'side'), restartPolicy: 'Always' },
        container(needs({ cpu: '1600m', memory: '64Mi' }), 'init'),
      ],
    }),
  }),
  good('an init container that ends before the sidecar begins', {
    ...pod({
      initContainers: [
        container(needs({ cpu: '1600m', memory: '64Mi' }), 'init'),
        { ...container(needs({ cpu: '500m', memory: '64Mi' }), 'side'), restartPolicy: 'Always' },
      ],
    }),
  }),
  good('twenty containers, ten init containers and ten sidecars', {
    ...pod({
      containers: many(20, 'c'),
      initContainers: [...many(10, 's').map((each) => ({ ...each, restartPolicy: 'Always' })), ...many(10, 'i')],
    }),
  }),
  bad('a GPU that was not sold', only(container(needs({ ...amounts, 'nvidia.com/gpu': '1' })))),
  bad('huge pages that were not sold', only(container(needs({ ...amounts, 'hugepages-2Mi': '2Mi' })))),
  good('storage that was sold', only(container(needs({ ...amounts, 'ephemeral-storage': '1Gi' })))),
  bad('more storage than was sold', {
    ...only(container(needs({ ...amounts, 'ephemeral-storage': '1Gi' }, { ...amounts, 'ephemeral-storage': '2Gi' }))),
  }),
];

export const podCases: readonly PodCase[] = [...standard, ...sale, ...sizes];
