import { stringify } from 'yaml';
import { rearflowCrds } from './rearflow-crds.ts';

const header = '# Generated from src/schemas/tables by scripts/generate-crds.ts; do not edit.\n';

/** File name → YAML text of every CRD, as committed in `deploy/crds/`. */
export function crdFiles(): Map<string, string> {
  const files = rearflowCrds().map((crd): [string, string] => {
    return [
      `${crd.metadata.name ?? ''}.yaml`,
      header + stringify(crd, { lineWidth: 120, aliasDuplicateObjects: false }),
    ];
  });
  return new Map(files);
}
