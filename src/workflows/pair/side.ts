import { ApplicationFailure, CancellationScope, condition, log, rootCause } from '@temporalio/workflow';
import { isSameSeller, type KnownSeller } from '../../market/known-seller.ts';
import {
  haveSameParty,
  pairFailedSignal,
  pairLeftSignal,
  pairPartedSignal,
  pairReadySignal,
  type Membership,
  type PairLeft,
} from '../../messages/pair/messages.ts';
import type { Built, SideState } from '../../messages/pair/state.ts';
import type { ReadBack } from '../../schemas/receipt.ts';
import { isFinal } from '../failure.ts';
import { signalIfRunning } from '../signal-if-running.ts';
import type { SideWork } from './side-work.ts';

/**
 * One direction of a pair: its members, and what stands as long as there is one. Joins during a tear-down wait and then
 * build anew; everything happens one step at a time.
 *
 * @see docs/architecture.md 4.3
 */
export class Side {
  readonly #work: SideWork;
  readonly #members = new Map<string, Membership>();
  #joining: Membership[] = [];
  #leaving: Membership[] = [];
  #built: Built | undefined;
  /** Building was begun and the tear-down has not ended well. */
  #begun = false;
  /** With whom it was begun: as long as anything stands, whoever deals with another party has no part in it. */
  #first: Membership | undefined;
  /** Ends the building that is under way. */
  #stopBuilding: (() => void) | undefined;

  constructor(work: SideWork) {
    this.#work = work;
  }

  /** Complete while nothing is waiting. */
  get state(): SideState {
    const members = [...this.#members.values()];
    return {
      members,
      begun: this.#begun,
      ...(this.#built === undefined ? {} : { built: this.#built }),
      ...(this.#first === undefined ? {} : { first: this.#first }),
    };
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
    if (!this.#awaited) this.#stopBuilding?.();
  }

  /** Goes on where another run stopped. */
  resume({ members, built, begun, first = members[0] }: SideState): void {
    for (const each of members) this.#members.set(each.member, each);
    this.#built = built;
    this.#begun = begun;
    this.#first = first;
  }

  /** A member that joined an earlier run. */
  adopt(membership: Membership): void {
    this.#members.set(membership.member, membership);
    this.#begun = true;
    this.#first ??= membership;
  }

  /** Whether somebody who bought from this seller may speak about what stands. */
  isWith(seller: KnownSeller | undefined): boolean {
    return isSameSeller(this.#first?.seller, seller);
  }

  /** Somebody of the same party waits until it stands. */
  get #awaited(): boolean {
    return this.#joining.some((each) => this.#objectionTo(each) === undefined);
  }

  /** Why a member has no part in what stands. */
  #objectionTo(membership: Membership): string | undefined {
    const there = this.#members.get(membership.member);
    if (there && !isSame(there, membership)) return `contract ${there.member} belongs to ${there.workflowId}`;
    if (!this.#first || haveSameParty(this.#first, membership)) return undefined;
    return membership.direction === 'sold'
      ? 'somebody with another key trades under this cluster id'
      : 'this cluster id is that of another seller';
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

  /** Builds with the first; whoever joined meanwhile is told with it. */
  async #join(): Promise<void> {
    this.#first ??= this.#joining[0];
    await this.#refuse();
    const [first] = this.#joining;
    if (!first) return;
    try {
      this.#begun = true;
      this.#built ??= await this.#build(first);
    } catch (error) {
      const reason = rootCause(error) ?? String(error);
      log.warn('the pair could not be built', { reason });
      if (!this.#joining.includes(first)) return;
      this.#joining = this.#joining.filter((each) => each !== first);
      // What was built is taken down when the member leaves, which it does in any case: the undo came before the do.
      const { member } = first;
      return signalIfRunning(first.workflowId, (handle) => handle.signal(pairFailedSignal, { member, reason }));
    }
    const built = this.#built;
    await this.#refuse();
    const joining = this.#joining;
    this.#joining = [];
    for (const each of joining) this.#members.set(each.member, each);
    await Promise.all(
      joining.map(({ member, workflowId }) =>
        signalIfRunning(workflowId, (handle) => handle.signal(pairReadySignal, { member, ...built })),
      ),
    );
  }

  /** Tells those who have no part in it. */
  async #refuse(): Promise<void> {
    const refused = this.#joining.flatMap((each) => {
      const reason = this.#objectionTo(each);
      return reason === undefined ? [] : [{ each, reason }];
    });
    this.#joining = this.#joining.filter((each) => !refused.some((other) => other.each === each));
    await Promise.all(
      refused.map(({ each: { member, workflowId }, reason }) =>
        signalIfRunning(workflowId, (handle) => handle.signal(pairFailedSignal, { member, reason })),
      ),
    );
  }

  /** Builds as long as somebody waits for it; who leaves meanwhile and is not the last has left at once. */
  async #build(first: Membership): Promise<Built> {
    const scope = new CancellationScope();
    let over = false;
    const building = scope
      .run(() => this.#work.build(first))
      .then(
        (built) => ({ built }),
        (error: unknown) => ({ error }),
      )
      .finally(() => {
        over = true;
      });
    this.#stopBuilding = () => scope.cancel();
    while (this.#awaited) {
      await condition(() => over || this.#leaving.length > 0);
      const leaving = over || !this.#awaited ? undefined : this.#leaving.shift();
      if (!leaving) break;
      await this.#left(leaving);
    }
    const outcome = await building;
    this.#stopBuilding = undefined;
    if ('error' in outcome) throw outcome.error;
    return outcome.built;
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
      const stranger = this.#objectionTo(membership) !== undefined;
      if (!stranger) {
        this.#begun = true;
        this.#first ??= membership;
      }
      this.#members.delete(member);
      const tearDown = !stranger && this.#members.size === 0 && !this.#awaited;
      if (tearDown) readBacks.push(...(await this.#work.part(membership)));
      const parted = signalIfRunning(workflowId, (handle) => handle.signal(pairPartedSignal, { member }));
      if (tearDown) {
        readBacks.push(...(await this.#work.clear(membership)));
        this.#forget();
      }
      await parted;
    } catch (error) {
      // It stays as it is; leaving once more tries once more.
      const failed = rootCause(error) ?? String(error);
      log.warn('the pair could not be ended', { reason: failed });
      failure = { failed: failed.slice(0, 500), final: isFinal(error) };
      // What nobody can take down is an operator's business; the pair does not wait for it.
      if (isFinal(error) && this.#members.size === 0) this.#forget();
    }
    const left: PairLeft = { member, readBacks, ...failure };
    await signalIfRunning(workflowId, (handle) => handle.signal(pairLeftSignal, left));
  }

  /** Nothing stands any more: it is free for whoever comes next. */
  #forget(): void {
    this.#built = undefined;
    this.#begun = false;
    this.#first = undefined;
  }
}

const isSame = (one: Membership, other: Membership): boolean =>
  one.member === other.member && one.workflowId === other.workflowId;
