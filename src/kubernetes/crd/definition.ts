import type { KubeObject } from '../cluster.ts';
import { structuralSchema } from './structural.ts';
import type { StructuralSchema } from './structural.ts';
import type { Table } from './table.ts';

/** What kube-apiserver answers (422) when a write comes too late; the row port looks for it. */
export const staleMessages = { spec: 'stale write', status: 'stale status', observed: 'stale observation' } as const;

function neverFalls(field: string, message: string): object {
  const rule = `!has(self.${field}) || !has(oldSelf.${field}) || self.${field} >= oldSelf.${field}`;
  return { rule, message };
}

function fenced(schema: StructuralSchema, rules: readonly object[]): StructuralSchema {
  return { ...schema, 'x-kubernetes-validations': rules };
}

/**
 * The CustomResourceDefinition of a table, with the fence of docs/architecture.md 3.2 as transition rules:
 * `ownerRevision` of spec and status, and `observedAt` of caches, never fall.
 */
export function customResourceDefinition(table: Table): KubeObject {
  const { kind, plural, apiVersion } = table.kind;
  const [group = '', version = ''] = apiVersion.split('/');
  const observed = 'observedAt' in table.spec.shape ? [neverFalls('observedAt', staleMessages.observed)] : [];
  const spec = fenced(structuralSchema(table.spec, `${kind}.spec`), [
    neverFalls('ownerRevision', staleMessages.spec),
    ...observed,
  ]);
  const status = fenced(structuralSchema(table.status, `${kind}.status`), [
    neverFalls('ownerRevision', staleMessages.status),
  ]);
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/part-of': 'rearflow' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: table.shortNames,
        categories: ['rearflow'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: table.columns.map((column) => ({
            name: column.name,
            type: column.type ?? 'string',
            jsonPath: column.path,
            ...(column.priority === undefined ? {} : { priority: column.priority }),
          })),
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: table.description,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec,
                status,
              },
            },
          },
        },
      ],
    },
  };
  return definition;
}
