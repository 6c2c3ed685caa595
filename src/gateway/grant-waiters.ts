import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Settled } from '../market/ledger/ticket.ts';
import { inventoryId, settledUpdate } from '../messages/inventory/messages.ts';

export type News = Settled['answer'];

/** A caller's chair: `news` settles when its ticket is decided. */
export interface GrantWaiter {
  readonly news: Promise<News>;
  /** The inventory gave it a ticket: from now on it is asked. */
  sit(): void;
  leave(): void;
  /** Whether nobody else waits here with the same key. */
  alone(): boolean;
}

export interface GrantWaiters {
  /** Name of this gateway in the ledgers. */
  readonly gateway: string;
  /** To be taken before the ticket is asked for, so that no news is missed. */
  chair(originHash: string, key: string): GrantWaiter;
  /** Whether a question to this inventory is open; it takes room among the updates in flight. */
  asking(originHash: string): boolean;
  close(): void;
}

interface Room {
  readonly chairs: Map<string, Set<(news: News) => void>>;
  seated: number;
  asking: boolean;
}

const pauseMs = 500;

/** Who waits at this gateway, and one open question per origin that brings the news for all of them. */
export function openGrantWaiters(client: Client, gateway: string): GrantWaiters {
  const rooms = new Map<string, Room>();
  let closed = false;

  function tell(room: Room, key: string, news: News): void {
    for (const hear of room.chairs.get(key) ?? []) hear(news);
  }

  async function ask(originHash: string, room: Room): Promise<void> {
    if (room.asking) return;
    room.asking = true;
    while (room.seated > 0 && !closed) {
      try {
        const handle = client.workflow.getHandle(inventoryId(originHash));
        const told = await handle.executeUpdate(settledUpdate, { args: [{ gateway }] });
        for (const { key, answer } of told) tell(room, key, answer);
      } catch (error) {
        // What was told may be lost on the way; to ask again for a ticket changes nothing.
        if (!(error instanceof WorkflowNotFoundError)) await delay(pauseMs);
        for (const key of room.chairs.keys()) tell(room, key, 'again');
      }
    }
    room.asking = false;
    if (room.chairs.size === 0) rooms.delete(originHash);
  }

  return {
    gateway,
    asking: (originHash) => rooms.get(originHash)?.asking ?? false,
    chair(originHash, key) {
      const room = rooms.get(originHash) ?? { chairs: new Map(), seated: 0, asking: false };
      rooms.set(originHash, room);
      const ears = room.chairs.get(key) ?? new Set();
      room.chairs.set(key, ears);
      const { promise, resolve } = Promise.withResolvers<News>();
      ears.add(resolve);
      let seated = false;
      return {
        news: promise,
        sit() {
          if (seated) return;
          seated = true;
          room.seated += 1;
          void ask(originHash, room);
        },
        alone: () => ears.size <= 1,
        leave() {
          if (!ears.delete(resolve)) return;
          if (ears.size === 0) room.chairs.delete(key);
          if (seated) room.seated -= 1;
          if (room.chairs.size === 0 && !room.asking) rooms.delete(originHash);
        },
      };
    },
    close() {
      closed = true;
    },
  };
}
