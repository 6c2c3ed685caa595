import { expect, test } from '@jest/globals';
import { kindPath } from './path.ts';
import { tableKinds } from './table-kinds.ts';

test.each(['.', '..'])('a name %s cannot lead out of its collection', (name) => {
  expect(() => kindPath(tableKinds.Transaction, { namespace: 'fluidos', name })).toThrow(/is no name/);
});

test('what else a name holds stays in its place', () => {
  const path = kindPath(tableKinds.Transaction, { namespace: 'fluidos', name: '../a?b#c%' });
  expect(path.endsWith('/namespaces/fluidos/transactions/..%2Fa%3Fb%23c%25')).toBe(true);
});
