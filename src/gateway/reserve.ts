import type { Refusal } from '../market/ledger/refusal.ts';
import type { ReserveCommand } from '../market/ledger/reserve-command.ts';
import type { Sale } from '../market/ledger/state.ts';
import type { CommandLines } from './commands.ts';
import type { GrantWaiters, News } from './grant-waiters.ts';
import type { RetryPacer } from './retry-pacer.ts';

/** Longest time a caller is kept who does not say how long it waits, milliseconds. */
const longestWaitMs = 600_000;

export interface ReserveCall {
  readonly originHash: string;
  readonly command: Omit<ReserveCommand, 'waiting'>;
  /** How long the caller waits, milliseconds; 0 = not at all. */
  readonly waitMs?: number;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

type Held = { readonly ok: true; readonly sale: Sale } | Refusal;

const hungUp: Refusal = { ok: false, code: 'FlavorHeld', detail: 'the caller hung up', successors: [] };
const nobody: Refusal = { ok: false, code: 'FlavorGone', detail: 'the inventory gave no answer', successors: [] };

/**
 * RESERVE as the caller sees it: answered at once, or when its turn has come, or when its own wait is over. Who hangs up
 * leaves the queue, and gives back what it was granted and never saw.
 *
 * @see docs/architecture.md 4.2, queue; docs/steps.md, messages of REAR
 */
export async function reserveInTurn(
  { commands, room, pacer }: { commands: CommandLines; room: GrantWaiters; pacer: RetryPacer },
  call: ReserveCall,
): Promise<Held> {
  const answer = await inTurn(commands, room, call);
  return answer.ok || call.signal.aborted ? answer : pacer.told(call.originHash, call.command, answer);
}

async function inTurn(commands: CommandLines, room: GrantWaiters, call: ReserveCall): Promise<Held> {
  const { originHash, command, signal, waitMs = longestWaitMs } = call;
  const endsAt = Date.now() + waitMs;
  const chair = { current: room.chair(originHash, command.key) };
  try {
    for (;;) {
      const left = endsAt - Date.now();
      const waiting = left > 0 ? { waiting: { gateway: room.gateway, ms: left } } : {};
      const answer = await commands.send(originHash, { ...command, ...waiting });
      if (signal.aborted) return await leave();
      if (!answer.ok) return answer;
      if ('sale' in answer) return 'transactionID' in answer.sale ? { ok: true, sale: answer.sale } : nobody;
      if (!('waiting' in answer)) return nobody;
      chair.current.sit();
      const news = await firstOf(chair.current.news, Math.max(endsAt - Date.now(), 0), signal);
      if (news === 'hung up') return await leave();
      if (typeof news === 'object') return news;
      // Granted: the same command again claims the hold. Otherwise the place is asked for once more, or given up.
      const next = room.chair(originHash, command.key);
      chair.current.leave();
      chair.current = next;
    }
  } finally {
    chair.current.leave();
  }

  async function leave(): Promise<Refusal> {
    if (chair.current.alone()) await commands.send(originHash, { kind: 'leave', key: command.key });
    return hungUp;
  }
}

function firstOf(news: Promise<News>, ms: number, signal: AbortSignal): Promise<News | 'time is over' | 'hung up'> {
  return new Promise((resolve) => {
    const done = (what: News | 'time is over' | 'hung up'): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', gone);
      resolve(what);
    };
    const gone = (): void => done('hung up');
    const timer = setTimeout(() => done('time is over'), ms);
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
    void news.then(done);
  });
}
