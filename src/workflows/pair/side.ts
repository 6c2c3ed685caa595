import { ApplicationFailure, log, rootCause } from '@temporalio/workflow';
import type { ReadBack } from '../../schemas/receipt.ts';
import { isFinal } from '../failure.ts';
import { tell } from '../tell.ts';
import {
  pairFailedSignal,
  pairLeftSignal,
  pairPartedSignal,
  pairReadySignal,
  type Membership,
  type PairLeft,
  type PairReady,
} from './messages.ts';

export type Built = Omit<PairReady, 'member'>;

/** How one direction of a pair comes to be and goes. */
export interface SideWork {
  build(first: Membership): Promise<Built>;
  /** Resolves when the members that a lost run of the pair knew have been adopted, in both directions. */
  readonly recalled: Promise<void>;
  /** Gives back what needs the other side. @param last the member whose leaving ends this direction */
  part(last: Membership): Promise<readonly ReadBack[]>;
  /** Removes the rest, on the own cluster. */
  clear(last: Membership): Promise<readonly ReadBack[]>;
}

/** What a fresh run needs to know of one direction, as plain data. */
export interface SideState {
  readonly members: readonly Membership[];
  readonly built?: Built;
  readonly begun: boolean;
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
  /** Building was begun and the tear-down has not ended well. */
  #begun = false;

  constructor(work: SideWork) {
    this.#work = work;
  }

  /** Complete while nothing is waiting. */
  get state(): SideState {
    const members = [...this.#members.values()];
    return { members, begun: this.#begun, ...(this.#built === undefined ? {} : { built: this.#built }) };
  }

  get members(): string[] {
    return [...this.#members.keys()];
  }

  get busy(): boolean {
    return this.#joining.length + this.#leaving.length > 0;
  }

  get empty(): boolean {
    return !this.busy && this.#members.size === 0 && !this.#begun;
  }

  /** Something was built, by this run or by one that is lost, and not cleared yet. */
  get stands(): boolean {
    return this.#built !== undefined || this.#members.size > 0;
  }

  join(membership: Membership): void {
    this.#joining.push(membership);
  }

  leave(membership: Membership): void {
    this.#joining = this.#joining.filter((each) => !isSame(each, membership));
    this.#leaving.push(membership);
  }

  /** Goes on where another run stopped. */
  resume({ members, built, begun }: SideState): void {
    for (const each of members) this.#members.set(each.member, each);
    this.#built = built;
    this.#begun = begun;
  }

  /** A member that joined an earlier run. */
  adopt(membership: Membership): void {
    this.#members.set(membership.member, membership);
    this.#begun = true;
  }

  /** Key of the buyer whose pair this is: whoever joins under the same cluster id with another one is somebody else. */
  get #buyerKey(): string | undefined {
    const [first] = [...this.#members.values(), ...this.#joining];
    return first?.buyerKey;
  }

  /** Works off what was asked; returns when nothing is waiting any more. */
  async settle(): Promise<void> {
    while (this.busy) {
      const leaving = this.#leaving.shift();
      if (leaving) {
        await this.#left(leaving);
        continue;
      }
      await this.#join();
    }
  }

  /** Builds with the first; whoever joined meanwhile is told with him. */
  async #join(): Promise<void> {
    const buyerKey = this.#buyerKey;
    const strangers = this.#joining.filter((each) => each.buyerKey !== buyerKey);
    this.#joining = this.#joining.filter((each) => !strangers.includes(each));
    const reason = 'somebody with another key trades under this cluster id';
    await Promise.all(
      strangers.map(({ member, workflowId }) =>
        tell(workflowId, (handle) => handle.signal(pairFailedSignal, { member, reason })),
      ),
    );
    const [first] = this.#joining;
    if (!first) return;
    try {
      this.#begun = true;
      this.#built ??= await this.#work.build(first);
    } catch (error) {
      this.#joining = this.#joining.filter((each) => each !== first);
      const reason = rootCause(error) ?? String(error);
      log.warn('the pair could not be built', { reason });
      // What was built is taken down when the member leaves, which he does in any case: the undo came before the do.
      const { member } = first;
      return tell(first.workflowId, (handle) => handle.signal(pairFailedSignal, { member, reason }));
    }
    const joining = this.#joining.filter((each) => each.buyerKey === first.buyerKey);
    this.#joining = this.#joining.filter((each) => !joining.includes(each));
    for (const each of joining) this.#members.set(each.member, each);
    const built = this.#built;
    await Promise.all(
      joining.map(({ member, workflowId }) =>
        tell(workflowId, (handle) => handle.signal(pairReadySignal, { member, ...built })),
      ),
    );
  }

  async #left(membership: Membership): Promise<void> {
    const { member, workflowId } = membership;
    const readBacks: ReadBack[] = [];
    let failure: Pick<PairLeft, 'failed' | 'final'> = {};
    try {
      // The run before may have been ended by force, with others still there.
      await this.#work.recalled;
      const there = this.#members.get(member);
      if (there && !isSame(there, membership))
        throw ApplicationFailure.nonRetryable(`contract ${member} belongs to ${there.workflowId}`, 'NotYours');
      this.#begun = true;
      this.#members.delete(member);
      const tearDown = this.#members.size === 0 && this.#joining.length === 0;
      if (tearDown) readBacks.push(...(await this.#work.part(membership)));
      const parted = tell(workflowId, (handle) => handle.signal(pairPartedSignal, { member }));
      if (tearDown) {
        readBacks.push(...(await this.#work.clear(membership)));
        this.#built = undefined;
        this.#begun = false;
      }
      await parted;
    } catch (error) {
      // It stays as it is; leaving once more tries once more.
      const failed = rootCause(error) ?? String(error);
      log.warn('the pair could not be ended', { reason: failed });
      failure = { failed: failed.slice(0, 500), final: isFinal(error) };
      // What nobody can take down is an operator's business; the pair does not wait for it.
      if (isFinal(error) && this.#members.size === 0) {
        this.#built = undefined;
        this.#begun = false;
      }
    }
    const left: PairLeft = { member, readBacks, ...failure };
    await tell(workflowId, (handle) => handle.signal(pairLeftSignal, left));
  }
}

const isSame = (one: Membership, other: Membership): boolean =>
  one.member === other.member && one.workflowId === other.workflowId;
