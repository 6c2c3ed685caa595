import type { Plain } from '../market/pods/check-fields.ts';
import type { Workload } from '../schemas/workload.ts';
import { limitedPod } from './limits.ts';
import { workloadObjects } from './objects.ts';

/** A pod, or the template of pods, among what a user states. */
export interface StatedPod {
  /** Where its spec stands in the intent. */
  readonly base: string;
  /** With its limits filled in. */
  readonly spec: Plain;
  readonly annotations: Plain | undefined;
  readonly annotationsAt: string;
}

function inManifest(object: Plain, index: number): StatedPod | undefined {
  const at = `workload.objects.${String(index)}`;
  const spec = object['spec'] as Plain | undefined;
  const isPod = object['kind'] === 'Pod';
  const whole = isPod ? object : (spec?.['template'] as Plain | undefined);
  const pods = whole?.['spec'] as Plain | undefined;
  if (!whole || !pods) return undefined;
  const prefix = isPod ? at : `${at}.spec.template`;
  const annotations = (whole['metadata'] as Plain | undefined)?.['annotations'] as Plain | undefined;
  const where = { base: `${prefix}.spec`, annotationsAt: `${prefix}.metadata.annotations` };
  return { ...where, spec: limitedPod(pods), annotations };
}

/** The pods of a workload, as they are going to be applied but for their node. */
export function statedPods(workload: Workload): readonly StatedPod[] {
  if (workload.kind === 'manifests')
    return workload.objects.flatMap((object, index) => inManifest(object, index) ?? []);
  const [made] = workloadObjects(workload, { intent: 'intent', owner: '', namespace: 'intent', node: '' });
  const pod = made && inManifest({ ...made }, 0);
  return pod ? [{ ...pod, base: 'workload' }] : [];
}
