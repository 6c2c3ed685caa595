/*
 * The market of one origin as a person would keep it on paper: whole numbers, one list of holders, one queue. It shares
 * nothing with the ledger, so that the two can be held against each other.
 */

export interface Ask {
  readonly cpu: number;
  readonly pods: number;
}

interface Place {
  readonly key: string;
  readonly flavor: string;
  readonly ask: Ask;
  gateway: string | undefined;
  until: number;
}

interface Taken {
  readonly key: string;
  readonly flavor: string;
  readonly ask: Ask;
  readonly deadline: number;
  claimBy: number | undefined;
  gateway: string | undefined;
  state: 'held' | 'sold';
}

export type Outcome = 'held' | 'waiting' | 'FlavorGone' | 'FlavorHeld' | 'DoesNotFit' | 'TransactionExpired';

export class Reference {
  readonly taken: Taken[] = [];
  readonly queue: Place[] = [];
  /** Keys that will never be served again. */
  readonly #spent = new Set<string>();
  /** Keys whose time to purchase ran out. */
  readonly #late = new Set<string>();
  /** Answers owed to gateways: key → what. */
  readonly owed: { key: string; gateway: string; what: 'granted' | 'again' | 'refused'; at: number }[] = [];
  worth: Ask;
  /** Id under which what is free is on offer; learned when the market makes a new one. */
  offer: string | undefined;
  now = 0;
  readonly #ttp: number;
  readonly #learn: () => string | undefined;

  /** @param learn reads the id of the present offer */
  constructor(worth: Ask, ttp: number, learn: () => string | undefined) {
    this.worth = worth;
    this.#ttp = ttp;
    this.#learn = learn;
    this.offer = learn();
  }

  get free(): Ask {
    const sum = (pick: (ask: Ask) => number): number => this.taken.reduce((all, { ask }) => all + pick(ask), 0);
    return {
      cpu: Math.max(0, this.worth.cpu - sum(({ cpu }) => cpu)),
      pods: Math.max(0, this.worth.pods - sum(({ pods }) => pods)),
    };
  }

  reserve(
    key: string,
    flavor: string,
    ask: Ask,
    wait: { gateway: string; ms: number } | undefined,
    lenient: boolean,
  ): Outcome {
    this.#forget(key);
    if (this.#late.has(key)) return 'TransactionExpired';
    if (this.#spent.has(key)) return 'FlavorGone';
    const mine = this.taken.find((each) => each.key === key);
    if (mine) {
      mine.claimBy = undefined;
      mine.gateway = undefined;
      return 'held';
    }
    const place = this.queue.find((each) => each.key === key);
    if (place) return this.#comeAgain(place, wait);
    const holder = this.taken.find((each) => each.flavor === flavor && each.state === 'held');
    if (holder) {
      if (lenient && fits(ask, this.free)) return 'FlavorGone';
      if (!wait) return 'FlavorHeld';
      if (!fits(ask, this.worth)) return 'DoesNotFit';
      this.queue.push({ key, flavor, ask, gateway: wait.gateway, until: this.now + wait.ms + 5_000 });
      return 'waiting';
    }
    if (flavor !== this.offer) return 'FlavorGone';
    if (!fits(ask, this.free)) return 'DoesNotFit';
    this.#take(key, flavor, ask);
    return 'held';
  }

  purchase(key: string): 'sold' | 'no' {
    const mine = this.taken.find((each) => each.key === key);
    if (!mine) return 'no';
    if (mine.state === 'sold') return 'sold';
    mine.state = 'sold';
    mine.claimBy = undefined;
    this.#settle();
    return 'sold';
  }

  release(key: string): void {
    const mine = this.taken.find((each) => each.key === key);
    if (mine?.state === 'sold') return;
    this.#spent.add(key);
    this.leave(key);
  }

  leave(key: string): void {
    const mine = this.taken.find((each) => each.key === key);
    this.#forget(key);
    if (mine?.state === 'sold') return;
    remove(this.queue, (place) => place.key === key);
    if (mine) this.#giveBack(mine);
  }

  end(key: string): void {
    const mine = this.taken.find((each) => each.key === key && each.state === 'sold');
    if (!mine) return;
    remove(this.taken, (each) => each === mine);
    this.offer = this.#learn();
  }

  resize(worth: Ask): void {
    this.worth = worth;
    this.offer = something(this.free) ? (this.offer ?? this.#learn()) : undefined;
  }

  pass(ms: number): void {
    this.now += ms;
    const held = this.taken.filter(({ state }) => state === 'held');
    const unclaimed = held.filter(({ claimBy = Infinity }) => claimBy <= this.now);
    const late = held.filter((each) => each.deadline <= this.now && !unclaimed.includes(each));
    const dead = unclaimed.map(({ gateway }) => gateway).filter((gateway) => gateway !== undefined);
    const lost = this.queue.filter(({ gateway }) => gateway !== undefined && dead.includes(gateway));
    remove(this.queue, (place) => lost.includes(place) || place.until <= this.now);
    const dropped = unclaimed.map(({ key }) => key);
    // A no to the same key at another gateway stays owed: another caller waits for it there.
    remove(this.owed, ({ key, what }) => what === 'granted' && dropped.includes(key));
    remove(this.owed, ({ at }) => at + 30_000 <= this.now);
    for (const { key, gateway } of [...unclaimed, ...lost]) this.#owe(key, gateway, 'again');
    for (const each of late) {
      this.#late.add(each.key);
      this.#giveBack(each);
    }
    for (const each of unclaimed) this.#giveBack(each);
  }

  #comeAgain(place: Place, wait: { gateway: string; ms: number } | undefined): Outcome {
    if (!wait) {
      const holder = this.taken.find((each) => each.flavor === place.flavor);
      place.gateway = undefined;
      place.until = Math.max(holder?.deadline ?? 0, this.now + 1_000) + 5_000;
      return 'FlavorHeld';
    }
    if (place.gateway !== wait.gateway) this.#owe(place.key, place.gateway, 'refused');
    place.gateway = wait.gateway;
    place.until = Math.max(place.until, this.now + wait.ms + 5_000);
    return 'waiting';
  }

  #take(key: string, flavor: string, ask: Ask, claim?: { claimBy: number; gateway: string | undefined }): void {
    const { claimBy, gateway } = claim ?? {};
    this.taken.push({ key, flavor, ask, deadline: this.now + this.#ttp, claimBy, gateway, state: 'held' });
    this.offer = something(this.free) ? this.#learn() : undefined;
  }

  #giveBack(mine: Taken): void {
    remove(this.taken, (each) => each === mine);
    this.offer = something(this.free) ? mine.flavor : undefined;
    this.#settle();
  }

  #settle(): void {
    for (const place of [...this.queue]) {
      if (this.taken.some((each) => each.flavor === place.flavor && each.state === 'held')) continue;
      remove(this.queue, (each) => each === place);
      if (place.flavor === this.offer && fits(place.ask, this.free)) {
        const away = place.gateway === undefined;
        const claimBy = away ? Math.max(place.until, this.now + 3_000) : this.now + 3_000;
        this.#take(place.key, place.flavor, place.ask, { claimBy, gateway: place.gateway });
        this.#owe(place.key, place.gateway, 'granted');
      } else this.#owe(place.key, place.gateway, 'refused');
    }
  }

  #owe(key: string, gateway: string | undefined, what: 'granted' | 'again' | 'refused'): void {
    if (gateway !== undefined) this.owed.push({ key, gateway, what, at: this.now });
  }

  #forget(key: string): void {
    remove(this.owed, (each) => each.key === key);
  }
}

function remove<T>(from: T[], which: (each: T) => boolean): void {
  for (let at = from.length - 1; at >= 0; at -= 1) {
    const each = from[at];
    if (each !== undefined && which(each)) from.splice(at, 1);
  }
}

const something = ({ cpu, pods }: Ask): boolean => cpu > 0 || pods > 0;

/** All of a dimension may always be taken, a part of the CPU only in steps of two. */
function fits(ask: Ask, whole: Ask): boolean {
  const step = ask.cpu === whole.cpu || ask.cpu % 2 === 0;
  return ask.cpu > 0 && ask.pods > 0 && ask.cpu <= whole.cpu && ask.pods <= whole.pods && step;
}
