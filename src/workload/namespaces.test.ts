import { expect, test } from '@jest/globals';
import { isOwnNamespace, namespaceProblem } from './namespaces.ts';

const rules = { allowed: ['listed'], reserved: ['fluidos', 'liqo'] };
const open = { 'rearflow.io/intents': 'allowed' };
const problemOf = (name: string, labels: Record<string, string> = {}, annotations: Record<string, string> = {}) =>
  namespaceProblem({ metadata: { name, labels, annotations } }, rules);

test.each([
  ['one that is labelled', 'team', open],
  ['default, labelled', 'default', open],
  ['one that the configuration lists', 'listed', {}],
])('%s is open to intents', (_, name, labels) => {
  expect(problemOf(name, labels)).toBeUndefined();
});

test.each([
  ['one that nobody opened', 'team', {}],
  ['one with another value of the label', 'team', { 'rearflow.io/intents': 'denied' }],
  ["Kubernetes' own", 'kube-system', open],
  ["the tables'", 'fluidos', open],
  ["Liqo's", 'liqo', open],
  ['that of a pair', 'liqo-tenant-a', open],
  ['that of a pair under another name', 'pair', { ...open, 'liqo.io/tenant-namespace': 'true' }],
  ["that of a buyer's pods", 'web-turin', { ...open, 'liqo.io/remote-cluster-id': 'turin' }],
  ['that of another intent', 'rf-other', open],
])('%s is closed to intents', (_, name, labels) => {
  expect(problemOf(name, labels)).toMatch(new RegExp(`^is ${name}, which `));
});

test('one that a workflow created belongs to it, whatever its name', () => {
  expect(problemOf('team', open, { 'rearflow.io/owner': 'intent/a' })).toMatch(/belongs to intent\/a$/);
});

test('the own namespace of an intent has its name and names it as its owner', () => {
  const of = (name: string, owner: string) => ({ metadata: { name, annotations: { 'rearflow.io/owner': owner } } });
  expect(isOwnNamespace(of('rf-a', 'intent/a'), 'intent/a')).toBe(true);
  expect(isOwnNamespace(of('rf-a', 'intent/b'), 'intent/a')).toBe(false);
  expect(isOwnNamespace(of('kube-system', 'intent/a'), 'intent/a')).toBe(false);
});
