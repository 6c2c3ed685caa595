import { expect, test } from '@jest/globals';
import { ClusterId, DomainName, NodeId, ObjectName } from './names.ts';

const hostile = ['', ' ', 'a b', '-a', 'a-', 'A_', 'ä', 'a\n', 'a/b', '../etc', 'a'.repeat(254), '.', 'a..b', '\u0000'];

test.each([
  ['cluster id', ClusterId],
  ['node id', NodeId],
  ['object name', ObjectName],
])('a %s that is no name in Kubernetes is refused', (what, schema) => {
  const dotted = what === 'node id' ? ['a..b'] : [];
  for (const text of hostile.filter((each) => !dotted.includes(each))) {
    expect({ text, ok: schema.safeParse(text).success }).toEqual({ text, ok: false });
  }
});

test('a cluster id is refused when its tenant namespace would have no valid name', () => {
  expect(ClusterId.safeParse('a'.repeat(51)).success).toBe(true);
  expect(ClusterId.safeParse('a'.repeat(52)).success).toBe(false);
  expect(ClusterId.safeParse('a.b').success).toBe(false);
});

test('the ids that FLUIDOS and rearflow make are accepted', () => {
  expect(ClusterId.safeParse('9c1aa22e-47a1-4bd5-ae8b-c3c8e7b0d9c1').success).toBe(true);
  expect(NodeId.safeParse('7o4vlj2zjn').success).toBe(true);
  expect(ObjectName.safeParse('fluidos.eu-k8slice-bf2e4b').success).toBe(true);
  expect(ObjectName.safeParse('0123456789-0123456789abcdef012345-1764312345678901234').success).toBe(true);
  expect(DomainName.safeParse('').success).toBe(true);
  expect(DomainName.safeParse('example.org').success).toBe(true);
  expect(DomainName.safeParse('ex ample').success).toBe(false);
});
