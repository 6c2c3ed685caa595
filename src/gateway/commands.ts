import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Answer, Command } from '../market/ledger/apply.ts';
import { budgets, byteLength } from '../schemas/budgets.ts';
import { commandsUpdate, inventoryId } from '../messages/inventory/messages.ts';

interface Waiting {
  readonly command: Command;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Line {
  readonly waiting: Waiting[];
  inFlight: number;
}

/** A run has room for ten updates in flight, all gateways together; each takes at most two, an open question included. */
const inFlightLimit = 2;
/** Most commands of one update, so that no inventory answers a crowd in one long task. */
const batchLimit = 500;
/** Room in a message for the commands of one update, bytes; the rest is the list around them. */
const batchBytes = budgets.message * 0.9;
/** An update that meets the end of a run is sent again; every command may be repeated. */
const attempts = 4;
const pauseMs = 100;

const nobody: Answer = { ok: false, code: 'NotFound', detail: 'there is no such offer', successors: [] };

export interface CommandLines {
  /** @returns the inventory's answer; `NotFound` when there is no such origin @throws when Temporal does not answer */
  send(originHash: string, command: Command): Promise<Answer>;
}

/**
 * Commands of all callers to the inventories, coalesced per origin: what arrives meanwhile goes with the next update.
 *
 * @param asking whether another update to this inventory is in flight all the time
 */
export function openCommandLines(client: Client, asking: (originHash: string) => boolean = () => false): CommandLines {
  const lines = new Map<string, Line>();

  async function pump(originHash: string, line: Line): Promise<void> {
    const room = (): number => inFlightLimit - (asking(originHash) ? 1 : 0);
    while (line.waiting.length > 0 && line.inFlight < room()) {
      const batch = line.waiting.splice(0, batchLength(line.waiting));
      line.inFlight += 1;
      await deliver(originHash, batch);
      line.inFlight -= 1;
    }
    if (line.waiting.length + line.inFlight === 0) lines.delete(originHash);
  }

  async function deliver(originHash: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const handle = client.workflow.getHandle(inventoryId(originHash));
      const commands = batch.map(({ command }) => command);
      const answers = await persistently(() => handle.executeUpdate(commandsUpdate, { args: [commands] }));
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

/** @returns how many of the commands, at least one, fit into one update */
function batchLength(waiting: readonly Waiting[]): number {
  let bytes = 0;
  for (const [index, { command }] of waiting.entries()) {
    bytes += byteLength(command) + 1;
    if (index === batchLimit || (index > 0 && bytes > batchBytes)) return index;
  }
  return waiting.length;
}

async function persistently<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (attempt >= attempts || error instanceof WorkflowNotFoundError) throw error;
      await delay(pauseMs * attempt);
    }
  }
}
