import type { z } from 'zod';
import type { Kind } from '../cluster.ts';

export interface Column {
  readonly name: string;
  readonly path: string;
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** 1 = only with `kubectl get -o wide`. */
  readonly priority?: number;
}

/** One of rearflow's tables: its kind, the schemas of a row, and how kubectl shows it. */
export interface Table {
  readonly kind: Kind;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: z.ZodObject;
  readonly status: z.ZodObject;
  readonly columns: readonly Column[];
}
