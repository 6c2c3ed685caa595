import { stripVTControlCharacters } from 'node:util';
import type { IntentStatus } from '../client.ts';
import { changeLines } from './changes.ts';
import { phaseTree } from './phase-tree.ts';
import { painterFor } from './style.ts';

/** Shows an intent while it runs. */
export interface LiveView {
  show(status: IntentStatus): void;
  /** Lines that stay, above the tree. */
  print(lines: readonly string[]): void;
  /** Leaves the last state standing; nothing is shown any more. */
  close(): void;
}

const busySigns = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const redrawMs = 100;

/** A tree that is redrawn on a terminal, a line per change elsewhere. */
export function liveView(out: NodeJS.WriteStream): LiveView {
  return out.isTTY ? new TerminalView(out) : plainView(out);
}

function plainView(out: NodeJS.WriteStream): LiveView {
  let before: IntentStatus | undefined;
  const print = (lines: readonly string[]): void => {
    for (const line of lines) out.write(`${line}\n`);
  };
  return {
    show(status) {
      print(changeLines(before, status));
      before = status;
    },
    print,
    close: () => undefined,
  };
}

class TerminalView implements LiveView {
  readonly #out: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout;
  #status: IntentStatus | undefined;
  #drawn = 0;
  #tick = 0;
  #closed = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#timer = setInterval(() => this.#draw(), redrawMs).unref();
  }

  show(status: IntentStatus): void {
    if (this.#closed) return;
    this.#status = status;
    this.#draw();
  }

  print(lines: readonly string[]): void {
    if (this.#closed) return;
    this.#erase();
    for (const line of lines) this.#out.write(`${line}\n`);
    this.#draw();
  }

  close(): void {
    if (this.#closed) return;
    clearInterval(this.#timer);
    this.#draw();
    this.#closed = true;
  }

  #draw(): void {
    if (!this.#status) return;
    this.#tick += 1;
    const busy = busySigns[this.#tick % busySigns.length] ?? '…';
    const tree = phaseTree(this.#status, { paint: painterFor(this.#out), now: Date.now(), busy });
    // A line that wraps, or a tree higher than the screen, could not be erased again.
    const lines = tree.slice(-Math.max(this.#out.rows - 1, 1)).map((line) => cut(line, this.#out.columns));
    this.#erase();
    this.#out.write(lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }
}

/** A line that is too long loses its colors with its end. */
function cut(line: string, columns: number): string {
  const bare = stripVTControlCharacters(line);
  return bare.length <= columns ? line : `${bare.slice(0, Math.max(columns - 1, 1))}…`;
}
