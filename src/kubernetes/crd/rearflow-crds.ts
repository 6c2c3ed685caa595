import type { KubeObject } from '../cluster.ts';
import { customResourceDefinition } from './definition.ts';
import { tables } from './tables.ts';

/** CustomResourceDefinitions of all tables, ready to apply; `deploy/crds/` holds the same as YAML. */
export function rearflowCrds(): KubeObject[] {
  return tables.map(customResourceDefinition);
}
