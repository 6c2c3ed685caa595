import { startTemporalProxy } from '../../resilience/crash/proxy/temporal-proxy.ts';
import type { GrpcProxy } from '../../resilience/crash/proxy/grpc-proxy.ts';

/** A proxy before Temporal for one node of a stack, which kills the node's process when an activity is done. */
export class KillAt {
  readonly #kill: () => void;
  #proxy: GrpcProxy | undefined;
  #activity: string | undefined;

  /** @param kill of the node's process; its supervisor starts it again */
  constructor(kill: () => void) {
    this.#kill = kill;
  }

  /** @returns address of the proxy */
  async start(temporal: string): Promise<string> {
    this.#proxy = await startTemporalProxy(temporal, {
      onDone: ({ activity }) => {
        if (activity !== this.#activity || activity === undefined) return true;
        this.#activity = undefined;
        this.#kill();
        return false;
      },
    });
    return `127.0.0.1:${String(this.#proxy.port)}`;
  }

  /** Kills once, when this activity is done and before it is reported. */
  order(activity: string): void {
    this.#activity = activity;
  }

  /** True when it killed since the last order. */
  get killed(): boolean {
    return this.#activity === undefined;
  }

  async close(): Promise<void> {
    await this.#proxy?.close();
  }
}
