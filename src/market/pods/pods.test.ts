import { expect, test } from '@jest/globals';
import { held, main, pod, podCases, type PodCase } from '../../../test/harness/support/pod-cases.ts';
import { limitProblem, sumProblem } from './check-amounts.ts';
import { annotationProblem, fieldProblem, type PodProblem } from './check-fields.ts';
import { levelRules, saleRules, type PodLevel } from './rules.ts';

function problem({ spec, annotations }: PodCase, level: PodLevel): PodProblem | undefined {
  return (
    annotationProblem(annotations) ??
    fieldProblem(spec, [...levelRules(level), ...saleRules]) ??
    limitProblem(spec, { cpu: 2, memory: 1 }) ??
    sumProblem(spec, held)
  );
}

test.each(podCases.map((each) => [each.name, each] as const))('a pod with %s', (_, each) => {
  for (const level of ['baseline', 'restricted'] as const)
    expect({ level, verdict: problem(each, level) ? 'refused' : 'fine' }).toEqual({ level, verdict: each[level] });
});

test('level privileged demands nothing of the standard, but no place, precedence or amounts of its own choice', () => {
  expect(fieldProblem(pod({ hostNetwork: true }), levelRules('privileged'))).toBeUndefined();
  const chosen = pod({ nodeName: 'other' });
  expect(fieldProblem(chosen, [...levelRules('privileged'), ...saleRules])).toEqual({
    field: 'nodeName',
    rule: 'is not allowed',
  });
});

test('amounts may be written as numbers', () => {
  const amounts = { cpu: 2, memory: 1_073_741_824 };
  const spec = pod({ containers: [{ ...main, resources: { requests: amounts, limits: amounts } }] });
  expect(limitProblem(spec, { cpu: 1, memory: 1 }) ?? sumProblem(spec, held)).toBeUndefined();
});

test('a rule says what must stand there', () => {
  const rules = levelRules('restricted');
  const text = (spec: object) => fieldProblem({ ...pod(), ...spec }, rules)?.rule;
  expect(text({ hostNetwork: true })).toBe('is not allowed');
  expect(text({ containers: [{ name: 'main' }] })).toBe('must be false');
  expect(text({ volumes: [{ name: 'v', nfs: {} }] })).toMatch(/^may be of these kinds only: configMap, /);
  expect(text({ securityContext: {} })).toBe('must be true');
});
