import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Answer, Command } from '../market/ledger/apply.ts';
import { commandsUpdate, inventoryId } from '../workflows/inventory/messages.ts';

interface Waiting {
  readonly command: Command;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Line {
  waiting: Waiting[];
  inFlight: number;
}

/** A run has room for ten updates in flight, all gateways together; each takes at most two. */
const inFlightLimit = 2;

const nobody: Answer = { ok: false, code: 'NotFound', detail: 'there is no such offer', successors: [] };

export interface CommandLines {
  /** @returns the inventory's answer; `NotFound` when there is no such origin @throws when Temporal does not answer */
  send(originHash: string, command: Command): Promise<Answer>;
}

/** Commands of all callers to the inventories, coalesced per origin: what arrives meanwhile goes with the next update. */
export function openCommandLines(client: Client): CommandLines {
  const lines = new Map<string, Line>();

  async function pump(originHash: string, line: Line): Promise<void> {
    while (line.waiting.length > 0 && line.inFlight < inFlightLimit) {
      const batch = line.waiting;
      line.waiting = [];
      line.inFlight += 1;
      await deliver(originHash, batch);
      line.inFlight -= 1;
    }
    if (line.waiting.length + line.inFlight === 0) lines.delete(originHash);
  }

  async function deliver(originHash: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const handle = client.workflow.getHandle(inventoryId(originHash));
      const answers = await handle.executeUpdate(commandsUpdate, { args: [batch.map(({ command }) => command)] });
      batch.forEach(({ resolve }, index) => resolve(answers[index] ?? nobody));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) batch.forEach(({ resolve }) => resolve(nobody));
      else batch.forEach(({ reject }) => reject(error));
    }
  }

  return {
    send: (originHash, command) =>
      new Promise((resolve, reject) => {
        const line = lines.get(originHash) ?? { waiting: [], inFlight: 0 };
        lines.set(originHash, line);
        line.waiting.push({ command, resolve, reject });
        void pump(originHash, line);
      }),
  };
}
