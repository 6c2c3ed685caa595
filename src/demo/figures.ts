import type { IntentReceipt } from '../client.ts';

/** Machine-readable result of a demo, its last line with `--json`. Phases in milliseconds. */
export interface DemoFigures {
  readonly ok: boolean;
  readonly leaks: number;
  /** Choosing an offer counts as reservation. */
  readonly phases: Readonly<Record<'intent' | 'discovery' | 'reservation' | 'peering' | 'usage' | 'teardown', number>>;
}

export function figures({ outcome, phases, leftBehind }: IntentReceipt, leaks: number): DemoFigures {
  const { intent = 0, discovery = 0, selection = 0, reservation = 0, peering = 0, usage = 0, teardown = 0 } = phases;
  return {
    ok: outcome === 'Completed' && leaks === 0 && leftBehind.length === 0,
    leaks,
    phases: { intent, discovery, reservation: selection + reservation, peering, usage, teardown },
  };
}
