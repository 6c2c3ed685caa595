import type { Kind } from './cluster.ts';

function liqo(group: string, name: string, plural: string, namespaced = true): Kind {
  return { apiVersion: `${group}.liqo.io/v1beta1`, kind: name, plural, namespaced };
}

/** Kinds of Liqo 1.2 that rearflow writes, reads or looks for as left-overs. */
export const liqoKinds = {
  ForeignCluster: liqo('core', 'ForeignCluster', 'foreignclusters', false),
  Tenant: liqo('authentication', 'Tenant', 'tenants'),
  Identity: liqo('authentication', 'Identity', 'identities'),
  ResourceSlice: liqo('authentication', 'ResourceSlice', 'resourceslices'),
  Renew: liqo('authentication', 'Renew', 'renews'),
  VirtualNode: liqo('offloading', 'VirtualNode', 'virtualnodes'),
  NamespaceMap: liqo('offloading', 'NamespaceMap', 'namespacemaps'),
  NamespaceOffloading: liqo('offloading', 'NamespaceOffloading', 'namespaceoffloadings'),
  ShadowPod: liqo('offloading', 'ShadowPod', 'shadowpods'),
  ShadowEndpointSlice: liqo('offloading', 'ShadowEndpointSlice', 'shadowendpointslices'),
  Quota: liqo('offloading', 'Quota', 'quotas'),
  VkOptionsTemplate: liqo('offloading', 'VkOptionsTemplate', 'vkoptionstemplates'),
  Configuration: liqo('networking', 'Configuration', 'configurations'),
  Connection: liqo('networking', 'Connection', 'connections'),
  GatewayServer: liqo('networking', 'GatewayServer', 'gatewayservers'),
  GatewayClient: liqo('networking', 'GatewayClient', 'gatewayclients'),
  /** The plural is upstream's, misspelled. */
  PublicKey: liqo('networking', 'PublicKey', 'publickeies'),
  Network: { apiVersion: 'ipam.liqo.io/v1alpha1', kind: 'Network', plural: 'networks', namespaced: true },
} as const satisfies Record<string, Kind>;
