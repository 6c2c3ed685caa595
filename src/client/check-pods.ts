import { RearflowError } from '../platform/errors.ts';
import type { IntentInput } from '../schemas/intent.ts';
import { contractOf, unsafeField, type WorkloadRules } from '../workload/safety.ts';

/** What no seller admits, whatever is configured. */
const laxest: WorkloadRules = {
  allowPrivileged: true,
  allowHostPaths: true,
  podSecurity: 'privileged',
  podLimits: { cpu: 1000, memory: 1000 },
};

/**
 * Says beforehand which pod of an intent would be refused, and why.
 *
 * @param rules of the node that states it; when they are not known, only what no seller admits is refused
 * @throws RearflowError `InvalidIntent` naming the field and the rule
 */
export function checkPods(intent: IntentInput, rules: WorkloadRules = laxest, where?: string): void {
  const unsafe = unsafeField(intent.workload, rules, contractOf(intent.resources));
  if (!unsafe) return;
  const prefix = where === undefined ? '' : `${where}: `;
  throw new RearflowError('InvalidIntent', `${prefix}${unsafe.field}: ${unsafe.rule}`, {
    field: unsafe.field,
    hint: 'Sellers admit pods of this Pod Security level, with requests and limits, and place them themselves.',
  });
}
