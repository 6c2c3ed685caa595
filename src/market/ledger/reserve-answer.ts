import type { Sale } from './state.ts';
import type { Refusal } from './refusal.ts';
/** `waiting`: the caller has a place in the queue; what becomes of it is collected by its gateway. */
export type ReserveAnswer =
  { readonly ok: true; readonly sale: Sale } | { readonly ok: true; readonly waiting: true } | Refusal;
