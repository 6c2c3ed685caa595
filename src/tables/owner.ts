import { createHash } from 'node:crypto';
import type { KubeObject } from '../kubernetes/cluster.ts';
import { ownerAnnotation } from '../kubernetes/owner.ts';

/**
 * Field manager of a workflow: `rearflow/<kind of workflow>/<12 hex of sha256(workflow id)>`, because workflow ids may
 * exceed Kubernetes' limit of 128 characters (docs/architecture.md 3.2).
 *
 * @param workflowId for example `intent/web`; what stands before the first slash is the kind
 */
export function fieldManager(workflowId: string): string {
  const [kind = 'workflow'] = workflowId.split('/');
  return `rearflow/${kind.slice(0, 40)}/${createHash('sha256').update(workflowId).digest('hex').slice(0, 12)}`;
}

/** Workflow that owns the row, or undefined when it is not one of ours. */
export function ownerOf(row: KubeObject): string | undefined {
  return row.metadata.annotations?.[ownerAnnotation];
}
