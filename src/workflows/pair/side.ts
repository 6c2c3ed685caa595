import { log, rootCause } from '@temporalio/workflow';
import type { ReadBack } from '../../schemas/receipt.ts';
import { tell } from '../tell.ts';
import {
  pairFailedSignal,
  pairLeftSignal,
  pairPartedSignal,
  pairReadySignal,
  type Membership,
  type PairReady,
} from './messages.ts';

export type Built = Omit<PairReady, 'member'>;

/** How one direction of a pair comes to be and goes. */
export interface SideWork {
  build(first: Membership): Promise<Built>;
  /** Gives back what needs the other side. @param last the member whose leaving ends this direction */
  part(last: Membership): Promise<readonly ReadBack[]>;
  /** Removes the rest, on the own cluster. */
  clear(last: Membership): Promise<readonly ReadBack[]>;
}

/**
 * One direction of a pair: its members, and what stands as long as there is one. Joins during a tear-down wait and then
 * build anew; everything happens one step at a time.
 *
 * @see DESIGN 4.3
 */
export class Side {
  readonly #work: SideWork;
  readonly #members = new Map<string, Membership>();
  #joining: Membership[] = [];
  #leaving: Membership[] = [];
  #built: Built | undefined;

  constructor(work: SideWork) {
    this.#work = work;
  }

  get members(): string[] {
    return [...this.#members.keys()];
  }

  get busy(): boolean {
    return this.#joining.length + this.#leaving.length > 0;
  }

  get empty(): boolean {
    return !this.busy && this.#members.size === 0 && this.#built === undefined;
  }

  /** Something was built and not cleared yet. */
  get stands(): boolean {
    return this.#built !== undefined;
  }

  join(membership: Membership): void {
    this.#joining.push(membership);
  }

  leave(membership: Membership): void {
    this.#joining = this.#joining.filter((each) => each.member !== membership.member);
    this.#leaving.push(membership);
  }

  /** Works off what was asked; returns when nothing is waiting any more. */
  async settle(): Promise<void> {
    while (this.busy) {
      const leaving = this.#leaving.shift();
      if (leaving) {
        await this.#left(leaving);
        continue;
      }
      const joining = this.#joining.shift();
      if (joining) await this.#joined(joining);
    }
  }

  async #joined(membership: Membership): Promise<void> {
    try {
      this.#built ??= await this.#work.build(membership);
      this.#members.set(membership.member, membership);
      await tell(membership.workflowId, (handle) =>
        handle.signal(pairReadySignal, { member: membership.member, ...this.#standing() }),
      );
    } catch (error) {
      const reason = rootCause(error) ?? String(error);
      log.warn('the pair could not be built', { reason });
      if (this.#members.size === 0) {
        await this.#work.part(membership);
        await this.#clear(membership);
      }
      await tell(membership.workflowId, (handle) =>
        handle.signal(pairFailedSignal, { member: membership.member, reason }),
      );
    }
  }

  #standing(): Built {
    return this.#built ?? { tenantNamespace: '' };
  }

  async #left(membership: Membership): Promise<void> {
    const known = this.#members.delete(membership.member);
    const last = this.#members.size === 0 && this.#joining.length === 0;
    const tearDown = last && (known || this.#built !== undefined);
    const parted = tearDown ? await this.#work.part(membership) : [];
    const [, cleared] = await Promise.all([
      tell(membership.workflowId, (handle) => handle.signal(pairPartedSignal, { member: membership.member })),
      tearDown ? this.#clear(membership) : [],
    ]);
    const readBacks = [...parted, ...cleared];
    await tell(membership.workflowId, (handle) =>
      handle.signal(pairLeftSignal, { member: membership.member, readBacks }),
    );
  }

  async #clear(last: Membership): Promise<readonly ReadBack[]> {
    const readBacks = await this.#work.clear(last);
    this.#built = undefined;
    return readBacks;
  }
}
