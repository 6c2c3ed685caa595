import { describe, expect, test } from '@jest/globals';
import type { Row } from '../rows.ts';
import { WrittenRows } from './written-rows.ts';

const owner = 'contract/c1';

interface Written {
  readonly spec?: object;
  readonly status?: object;
  /** Field managers by part; `rearflow/...` when left out. */
  readonly by?: { readonly spec?: string; readonly status?: string };
  /** Who wrote the revisions. */
  readonly revisionBy?: string;
}

const managed = (manager: string, part: string, fields: object) => ({ manager, fieldsV1: { [`f:${part}`]: fields } });

function row({ spec = {}, status = {}, by = {}, revisionBy = 'rearflow/contract/0' }: Written = {}): Row {
  const managedFields = [
    managed(revisionBy, 'spec', { 'f:ownerRevision': {} }),
    managed(revisionBy, 'status', { 'f:ownerRevision': {} }),
    managed(by.spec ?? 'rearflow/contract/0', 'spec', { 'f:price': {} }),
    managed(by.status ?? 'rearflow/contract/0', 'status', { 'f:phase': {} }),
  ];
  return {
    metadata: { name: 'c1', namespace: 'n', annotations: { 'rearflow.io/owner': owner }, managedFields },
    spec: { price: 1, ownerRevision: 5, ...spec },
    status: { phase: 'Active', ownerRevision: 5, ...status },
  };
}

const good = { spec: row().spec, status: row().status };

function remembering(...rows: Row[]): WrittenRows {
  const memory = new WrittenRows();
  for (const each of rows) memory.set(each);
  return memory;
}

describe('what an owner writes is its', () => {
  test.each([
    ['the first sight', [row()]],
    ['a later revision', [row(), row({ spec: { price: 2, ownerRevision: 6 } })]],
    ['a later status', [row(), row({ status: { phase: 'Ended', ownerRevision: 9 } })]],
  ])('%s', (_, rows) => {
    expect(remembering(...rows).touched()).toEqual([]);
  });
});

describe('what others write is not', () => {
  test.each([
    [
      'the same revision with another content',
      row({ spec: { price: 2 }, by: { spec: 'kubectl-edit' } }),
      'kubectl-edit',
    ],
    ['a status', row({ status: { phase: 'Ended' }, by: { status: 'kubectl-patch' } }), 'kubectl-patch'],
    ['a later revision of their own', row({ spec: { price: 2, ownerRevision: 9e15 }, revisionBy: 'curl' }), 'curl'],
  ])('%s', (_, edited, manager) => {
    const memory = remembering(row(), edited);
    expect(memory.touched()).toMatchObject([{ name: 'c1', namespace: 'n', owner, good }]);
    expect(memory.touched()[0]?.how).toContain(`edited by ${manager}`);
  });

  test('another owner', () => {
    const stolen = row();
    const memory = remembering(row(), {
      ...stolen,
      metadata: { ...stolen.metadata, annotations: { 'rearflow.io/owner': 'contract/other' } },
    });
    expect(memory.touched()).toMatchObject([{ owner, good }]);
  });

  test('an edit that was there before anybody watched: what it was is not known', () => {
    const [touched] = remembering(row({ by: { spec: 'kubectl-edit' } })).touched();
    expect(touched).toMatchObject({ owner });
    expect(touched).not.toHaveProperty('good');
  });

  test('a row that is no workflow’s is nobody’s business', () => {
    const { annotations: _, ...metadata } = row({ by: { spec: 'kubectl-edit' } }).metadata;
    expect(remembering({ ...row(), metadata }).touched()).toEqual([]);
  });
});

describe('what is missing', () => {
  test('a deleted row is remembered as it was, until it is back', () => {
    const memory = remembering(row());
    expect(memory.gone(row())).toBe(true);
    expect(memory.touched()).toMatchObject([{ how: 'deleted', good }]);
    memory.set(row());
    expect(memory.touched()).toEqual([]);
  });

  test('what is not in a full list any more has been deleted meanwhile', () => {
    const memory = remembering(row());
    expect(memory.keepOnly(new Set(['n/c1']))).toBe(false);
    expect(memory.keepOnly(new Set())).toBe(true);
    expect(memory.touched()).toMatchObject([{ how: 'deleted' }]);
  });

  test('a row that its owner gave up is forgotten', () => {
    const memory = remembering(row());
    memory.gone(row());
    for (const touched of memory.touched()) memory.forget(touched);
    expect(memory.touched()).toEqual([]);
    expect(memory.keepOnly(new Set())).toBe(false);
  });
});

test('put back as it was, it is good again; the next edit is seen, too', () => {
  const edited = row({ spec: { price: 2 }, by: { spec: 'kubectl-edit' } });
  const memory = remembering(row(), edited, row());
  expect(memory.touched()).toEqual([]);
  memory.set(edited);
  expect(memory.touched()).toHaveLength(1);
});
