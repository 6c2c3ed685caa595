/** What happens while a stack starts and runs; a command line prints these. */
export type StackEvent =
  | { readonly kind: 'tool'; readonly tool: string; readonly state: 'found' | 'built'; readonly detail: string }
  | { readonly kind: 'tool'; readonly tool: string; readonly state: 'building'; readonly expectedSeconds: number }
  | { readonly kind: 'tool'; readonly tool: string; readonly state: 'waiting'; readonly pid: number }
  | { readonly kind: 'step'; readonly text: string; readonly milliseconds: number }
  | {
      readonly kind: 'process';
      readonly name: string;
      readonly state: 'started' | 'ready' | 'stopped';
      readonly pid: number;
    }
  | { readonly kind: 'trouble'; readonly text: string }
  | { readonly kind: 'died'; readonly name: string; readonly how: string; readonly restartInMs: number };

export type OnProgress = (event: StackEvent) => void;

/** One line for people, or undefined for what is of no interest to them. */
export function describeEvent(event: StackEvent): string | undefined {
  switch (event.kind) {
    case 'tool':
      if (event.state === 'building') return `${event.tool}: building, about ${event.expectedSeconds} s`;
      if (event.state === 'waiting') return `${event.tool}: process ${event.pid} builds it already, waiting`;
      return event.state === 'built' ? `${event.tool}: built (${event.detail})` : undefined;
    case 'step':
      return `${event.text} (${(event.milliseconds / 1000).toFixed(1)} s)`;
    case 'trouble':
      return event.text;
    case 'process':
      return undefined;
    case 'died':
      return `${event.name} ended unexpectedly (${event.how}), started again in ${event.restartInMs} ms`;
    default: {
      const never: never = event;
      throw new TypeError(`unknown event ${JSON.stringify(never)}`);
    }
  }
}

/**
 * Prints progress: on a terminal the tools that are being built share one line that is redrawn each second with the time
 * they took so far; elsewhere a plain line per event.
 *
 * @returns the listener, and `close`, which ends the redrawing
 */
export function progressPrinter(out: NodeJS.WriteStream): { readonly onProgress: OnProgress; close(): void } {
  const building = new Map<string, { readonly since: number; readonly expectedSeconds: number }>();
  const redraw = (): void => {
    const parts = [...building].map(([tool, { since, expectedSeconds }]) => {
      return `${tool} ${Math.round((Date.now() - since) / 1000)}/~${expectedSeconds} s`;
    });
    out.write(`\r\x1b[K${parts.length ? `building ${parts.join(', ')}` : ''}`);
  };
  const timer = out.isTTY ? setInterval(() => building.size && redraw(), 1000).unref() : undefined;
  return {
    onProgress(event) {
      if (event.kind === 'tool') {
        if (event.state === 'building') building.set(event.tool, { since: Date.now(), ...event });
        else building.delete(event.tool);
      }
      const line = describeEvent(event);
      if (line === undefined) return;
      out.write(out.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`);
    },
    close() {
      clearInterval(timer);
      if (out.isTTY) out.write('\r\x1b[K');
    },
  };
}
