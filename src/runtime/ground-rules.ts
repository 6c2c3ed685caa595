import type { GroundRules } from '../activities/intent/admission.ts';
import type { NodeConfig } from '../platform/config.ts';

/** Where on the node's cluster intents may run, and as whom, as its configuration says. */
export function groundRules({ workload, tables, liqo }: Pick<NodeConfig, 'workload' | 'tables' | 'liqo'>): GroundRules {
  const { namespaces: allowed, impersonate } = workload;
  const [namespace = '', name = ''] = impersonate?.split('/') ?? [];
  return {
    allowed,
    reserved: [tables.namespace, liqo.namespace],
    ...(impersonate === undefined ? {} : { account: { namespace, name } }),
  };
}
