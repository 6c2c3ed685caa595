import type { KubeObject } from '../../kubernetes/cluster.ts';
import { keys, tenantNamespaceName } from '../names.ts';

type Body = KubeObject & { readonly spec: object };

export interface RemoteCidrs {
  /** CIDRs of the other cluster's pods. */
  readonly pod: readonly string[];
  /** External CIDR of the other cluster. */
  readonly external: string;
}

export interface GatewayTemplate {
  /** Namespace that Liqo runs in. */
  readonly liqoNamespace: string;
  readonly mtu?: number;
}

const group = 'networking.liqo.io/v1beta1';
const defaultMtu = 1340;

function metadata(remoteId: string, labels: Readonly<Record<string, string>> = {}): KubeObject['metadata'] {
  const namespace = tenantNamespaceName(remoteId);
  return { name: remoteId, namespace, labels: { [keys.remoteCluster]: remoteId, ...labels } };
}

/** The other cluster's address ranges; on both sides. @see docs/liqo.md 2.3; docs/steps.md 18, 19 */
export function configurationObject(remoteId: string, cidrs: RemoteCidrs): Body {
  return {
    metadata: metadata(remoteId),
    spec: { remote: { cidr: { pod: cidrs.pod, external: [cidrs.external] } } },
  };
}

export interface ServerEndpoint {
  readonly port?: number;
  readonly serviceType: 'LoadBalancer' | 'NodePort' | 'ClusterIP';
  readonly nodePort?: number;
}

/** The provider's end of the tunnel. @see docs/liqo.md 2.4 */
export function gatewayServerObject(remoteId: string, endpoint: ServerEndpoint, template: GatewayTemplate): Body {
  const { port = 51840, serviceType, nodePort } = endpoint;
  return {
    metadata: metadata(remoteId),
    spec: {
      mtu: template.mtu ?? defaultMtu,
      endpoint: { port, serviceType, ...(nodePort === undefined ? {} : { nodePort }) },
      serverTemplateRef: {
        apiVersion: group,
        kind: 'WgGatewayServerTemplate',
        name: 'wireguard-server',
        namespace: template.liqoNamespace,
      },
    },
  };
}

export interface ClientEndpoint {
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The consumer's end of the tunnel. @param endpoint from the GatewayServer's status. @see docs/liqo.md 2.6 */
export function gatewayClientObject(remoteId: string, endpoint: ClientEndpoint, template: GatewayTemplate): Body {
  return {
    metadata: metadata(remoteId),
    spec: {
      mtu: template.mtu ?? defaultMtu,
      endpoint: { addresses: endpoint.addresses, port: endpoint.port, protocol: 'UDP' },
      clientTemplateRef: {
        apiVersion: group,
        kind: 'WgGatewayClientTemplate',
        name: 'wireguard-client',
        namespace: template.liqoNamespace,
      },
    },
  };
}

/** The other gateway's public key. @param publicKey base64, as in its Secret. @see docs/liqo.md 2.7 */
export function publicKeyObject(remoteId: string, publicKey: string): Body {
  return { metadata: metadata(remoteId, { [keys.gatewayResource]: 'true' }), spec: { publicKey } };
}
