import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

export interface JournalEntry extends ProcessIdentity {
  /** `owner` = the process that started the stack and stops it. */
  readonly name: string;
}

const fileName = 'processes.jsonl';
export const ownerName = 'owner';

/**
 * Every process that belongs to a stack folder, written the moment it is started, so that a later start or `down` ends
 * exactly those that a killed run left behind.
 */
export function record(dir: string, name: string, pid: number): void {
  const identity = identify(pid);
  if (!identity) return;
  mkdirSync(dir, { recursive: true });
  appendFileSync(join(dir, fileName), `${JSON.stringify({ name, ...identity } satisfies JournalEntry)}\n`);
}

/** @returns true when the folder was made by a stack. */
export function isStackFolder(dir: string): boolean {
  return existsSync(join(dir, fileName));
}

/** @returns the recorded processes that still run. */
export function living(dir: string): readonly JournalEntry[] {
  if (!isStackFolder(dir)) return [];
  return readFileSync(join(dir, fileName), 'utf8')
    .split('\n')
    .flatMap((line) => parse(line))
    .filter(isAlive);
}

/** A line that a kill cut short names nobody. */
function parse(line: string): JournalEntry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as JournalEntry];
  } catch {
    return [];
  }
}

/** Ends the given processes and waits until they are gone: SIGTERM, and after `graceMs` SIGKILL. */
export async function endProcesses(entries: readonly ProcessIdentity[], graceMs: number): Promise<void> {
  signalAll(entries, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (entries.some(isAlive) && Date.now() < deadline) await delay(25);
  signalAll(entries, 'SIGKILL');
  while (entries.some(isAlive)) await delay(10);
}

function signalAll(entries: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const entry of entries) {
    if (!isAlive(entry)) continue;
    try {
      process.kill(entry.pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
  }
}
