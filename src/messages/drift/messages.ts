import { defineSignal } from '@temporalio/workflow';
/** Tables whose rows are a workflow's own word; the others are caches and records. */
export const guardedKinds = ['Flavor', 'Transaction', 'Allocation', 'Contract', 'Reservation', 'Intent'] as const;

export type GuardedKind = (typeof guardedKinds)[number];

/** A row that somebody else edited or deleted. */
export interface DriftedRow {
  readonly kind: GuardedKind;
  readonly name: string;
  readonly namespace: string;
  /** What happened to it, for people. */
  readonly how: string;
  /** What its owner had written; undefined when nobody saw it. */
  readonly good?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly spec: object;
    readonly status?: object;
  };
}

export const rowsDriftedSignal = defineSignal<[readonly DriftedRow[]]>('rowsTouched');
