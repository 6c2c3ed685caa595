import type { Actors, Path } from '../crash/path.ts';
import { faults, messages, type Message } from '../../harness/simulator/rear-proxy.ts';
import type { Trouble } from '../../harness/simulator/gate.ts';
import { coincidences } from './coincidences.ts';
import { ofUsers } from './user.ts';

const cancel = ({ cancel: now }: Actors): Promise<void> => now();
const ttpMs = 5_000;
/** Buyers of these paths give up where a fault lasts longer than they may wait; nothing may be left either way. */
const either = { outcomes: ['Cancelled', 'Failed'], purchases: [0, 2], a: { ttpMs }, b: { ttpMs } } as const;

/** A buyer that does not know whether it bought asks. */
const lostPurchase = { message: 'PURCHASE', fault: 'answer lost' } as const;

/** Messages that a buyer sends only when something went wrong before. */
const provoked: Partial<Record<Message, Path['acts']>> = {
  RELEASE: { 'after reserve': cancel },
  'read the contract': { 'during purchase': cancel },
};

/** Each message of REAR with each fault. */
const spoilt: readonly Path[] = (Object.keys(messages) as Message[]).flatMap((message) =>
  faults.map((fault): Path => {
    const acts = provoked[message];
    const draft = message === 'RELEASE' ? () => ({ approval: { within: '4s' } }) : undefined;
    return {
      ...either,
      name: `${message} ${fault}`,
      faults: [...(message === 'read the contract' ? [lostPurchase] : []), { message, fault }],
      ...(acts ? { acts } : {}),
      ...(draft ? { draft } : {}),
    };
  }),
);

/** Longer than an API server's call may take, or shorter than a heartbeat's time-out. */
const troubles: readonly (readonly [Trouble, number])[] = [
  ['cut', 3_000],
  ['delayed', 3_000],
  ['dropped', 12_000],
];
const moments = ['lookUp', 'purchase', 'peerAsBuyer', 'bringUpVirtualNode', 'deleteSlice', 'partAsBuyer'] as const;

/** Each API server with each trouble, at moments of each phase. */
const cutOff: readonly Path[] = (['buyer', 'seller'] as const).flatMap((whose) =>
  troubles.flatMap(([trouble, ms]) =>
    moments
      .filter((moment) => whose === 'buyer' || moment === 'peerAsBuyer' || moment === 'partAsBuyer')
      .map((moment): Path => ({
        ...either,
        name: `API server of the ${whose} ${trouble} in ${moment}`,
        a: { ttpMs: 20_000 },
        acts: {
          'after awaitRunning': cancel,
          [`during ${moment}`]: ({ suffer }: Actors) => suffer(whose, trouble, ms),
        },
      })),
  ),
);

/** Clocks that do not agree. */
const skewed: readonly Path[] = [-600_000, 600_000].map((clockAheadMs) => ({
  name: `clock of the provider ten minutes ${clockAheadMs < 0 ? 'behind' : 'ahead'}`,
  a: { ttpMs, clockAheadMs },
  draft: () => ({ term: '3m' }),
  outcomes: ['Cancelled'],
  purchases: [1, 1],
}));

export const faultPaths: readonly Path[] = [...spoilt, ...cutOff, ...skewed, ...coincidences, ...ofUsers];
