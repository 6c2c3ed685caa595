import {
  allHandlersFinished,
  condition,
  continueAsNew,
  log,
  metricMeter,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ProviderActivities } from '../../activities/inventory/provider.ts';
import type { RehydrateActivities } from '../../activities/inventory/rehydrate.ts';
import { advance, nextEvent } from '../../market/ledger/advance.ts';
import { applyAll, type Answer, type Command } from '../../market/ledger/apply.ts';
import { isIdle, setOffered } from '../../market/ledger/offering.ts';
import { pack, unpack } from '../../market/ledger/packed.ts';
import { parcelPrice } from '../../market/ledger/parcel-price.ts';
import { collect, settle } from '../../market/ledger/queue.ts';
import { returnSold } from '../../market/ledger/release.ts';
import { restoreLedger } from '../../market/ledger/restore.ts';
import { openLedger, type Ledger, type Sale } from '../../market/ledger/state.ts';
import { rowsDriftedSignal } from '../../messages/drift/messages.ts';
import {
  commandsUpdate,
  contractEndedSignal,
  ledgerQuery,
  offeredUpdate,
  originGoneSignal,
  settledUpdate,
  worthSignal,
} from '../../messages/inventory/messages.ts';
import type { InventoryInput, Reclaimed, Rehydrated, Written } from '../../messages/inventory/state.ts';
import { insisting } from '../activity-options.ts';
import { failureOf, type Failure } from '../failure.ts';
import { retryUntilKnown } from '../retry-until-known.ts';
import { createMint } from './mint.ts';
import { isEmpty, partsOf, project } from './rows.ts';

/** How long a gateway's question about its callers stays open, milliseconds. */
const questionMs = 10_000;

/** Buyers wait for their contracts, so these are opened side by side. */
const contractsAtOnce = 8;

const { startContract } = proxyActivities<ProviderActivities>({ ...insisting, startToCloseTimeout: '8s' });

// A crowd leaves hundreds of rows to write: repeating all of them because they took long would never end.
const { projectInventory } = proxyActivities<ProviderActivities>({ ...insisting, startToCloseTimeout: '5m' });

/** Most rows that wait to be put back; each is reported again as long as it says what it should not. */
const mostTouched = 500;

/** Pause before something that failed is tried again, milliseconds. */
const againMs = 10_000;

const { recallOffer } = proxyActivities<RehydrateActivities>(insisting);

/**
 * The single writer for everything cut from one origin: free, held and sold parcels, which always add up to the origin.
 *
 * RESERVE and PURCHASE are answered from state, inside the update; rows and contracts follow by activities. Lives as
 * long as the origin does, and until its last sale is over.
 * @see docs/architecture.md 4.2; docs/steps.md 8, 14-18
 */
export async function inventory(input: InventoryInput): Promise<void> {
  const mint = createMint(input.origin.hash);
  let ledger = input.carried ? unpack(input.carried.ledger) : openLedger(input.origin, mint);
  // What was sold before this workflow began must never be offered again, so nothing is answered until that is known.
  let known = input.carried !== undefined;
  let outbox: readonly string[] = input.carried?.outbox ?? [];
  let written: Written = input.carried?.written ?? {};
  let revision = input.carried?.revision ?? 0;
  let touched: readonly Reclaimed[] = input.carried?.touched ?? [];
  let closing = false;
  let nodeGone = input.carried?.nodeGone ?? false;
  const { renewAfter = Infinity } = input;
  // Before the handlers: an update that waited for this run is served while its handler is being set.
  const due = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > renewAfter;

  function apply(commands: readonly Command[]): readonly Answer[] {
    ledger = advance(ledger, mint);
    const [next, answers] = applyAll(ledger, commands, mint);
    ledger = next;
    const sold = answers.flatMap((answer) => (answer.ok && 'fresh' in answer && answer.fresh ? [answer.sale] : []));
    if (sold.length > 0) outbox = [...outbox, ...sold.map(({ transactionID }) => transactionID)];
    return answers;
  }

  function onceKnown(act: () => void): void | Promise<void> {
    return known ? act() : condition(() => known).then(act);
  }

  setHandler(ledgerQuery, () => pack(ledger), { description: 'Parcels, holds and sales of this origin' });
  setHandler(
    commandsUpdate,
    (commands): readonly Answer[] | Promise<readonly Answer[]> =>
      known ? apply(commands) : condition(() => known).then(() => apply(commands)),
    { description: 'Reserve, purchase, release and leave, in the order given' },
  );
  setHandler(
    settledUpdate,
    async ({ gateway }) => {
      await condition(() => due() || nodeGone || ledger.settled.some((each) => each.gateway === gateway), questionMs);
      const [next, told] = collect(ledger, gateway);
      ledger = next;
      return told;
    },
    { description: 'What became of the callers that wait at a gateway' },
  );
  setHandler(worthSignal, (origin) =>
    onceKnown(() => {
      nodeGone = false;
      ledger = setOffered(ledger, 'node', origin !== null, mint, origin ?? ledger.origin);
    }),
  );
  setHandler(originGoneSignal, () =>
    onceKnown(() => {
      nodeGone = true;
      ledger = setOffered(ledger, 'node', false, mint);
    }),
  );
  setHandler(
    offeredUpdate,
    async ({ offered }) => {
      await condition(() => known);
      ledger = setOffered(ledger, 'seller', offered, mint);
      const free = ledger.parcels.find(({ state }) => state === 'free');
      return { node: ledger.origin.name, ...(free ? { flavor: free.flavorID } : {}) };
    },
    { description: 'Takes what is free off the market, or puts it back' },
  );
  setHandler(contractEndedSignal, ({ contractID }) =>
    onceKnown(() => {
      ledger = settle(returnSold(ledger, contractID, mint), mint);
    }),
  );

  setHandler(rowsDriftedSignal, (rows) => {
    const told = new Set(rows.map(({ kind, name }) => `${kind} ${name}`));
    const others = touched.filter(({ kind, name }) => !told.has(`${kind} ${name}`));
    touched = [...others, ...rows.map(({ kind, name, how }) => ({ kind, name, how }))].slice(-mostTouched);
  });

  if (!known) {
    const { hash: origin } = input.origin;
    revision = Date.now();
    const sales: Sale[] = [];
    let page: Rehydrated = { sales: [] };
    do {
      const { after } = page;
      const args = { origin, revision, ...(after === undefined ? {} : { after }) };
      page = await retryUntilKnown('what is sold', () =>
        recallOffer.executeWithOptions({ summary: 'what is sold already' }, [args]),
      );
      sales.push(...page.sales);
    } while (page.after !== undefined);
    if (sales.length > 0) ledger = restoreLedger(ledger.origin, sales, mint);
    known = true;
  }

  // Identity of the state says whether anything happened; comparing all rows at each activation would cost too much.
  let projected: Ledger | undefined;
  const pending = (): boolean => ledger !== projected || touched.length > 0;

  async function writeRows(): Promise<void> {
    for (;;) {
      await condition(() => pending() || closing);
      // What is not written yet is carried on: under steady demand there would always be more.
      if (closing) return;
      const snapshot = ledger;
      const { projection, next } = project(snapshot, written, touched);
      projected = snapshot;
      touched = [];
      if (isEmpty(projection)) continue;
      revision = Math.max(revision + 1, Date.now());
      try {
        for (const part of partsOf(projection)) {
          const args = { projection: part, revision };
          const refused = await projectInventory.executeWithOptions({ summary: 'write rows of the offer' }, [args]);
          // A row that is refused for good is written again when it says something else.
          if (refused.length > 0) trouble('rows of the offer are refused', { reason: refused.join('; '), final: true });
        }
        written = next;
      } catch (error) {
        trouble('rows of the offer are not written', failureOf(error));
        projected = undefined;
        touched = [...projection.reclaimed, ...touched];
        await condition(() => closing, againMs, { summary: 'before the rows are written again' });
      }
    }
  }

  async function openContracts(): Promise<void> {
    for (;;) {
      await condition(() => outbox.length > 0 || closing);
      if (closing) return;
      const sales = outbox
        .slice(0, contractsAtOnce)
        .map((id) => ledger.sales.find((sale) => sale.transactionID === id));
      const { worth: _, ...origin } = ledger.origin;
      /** @returns false when it is to be tried again */
      const open = async (sale: Sale | undefined): Promise<boolean> => {
        if (!sale) return true;
        const { contractID = '' } = sale;
        const price = sale.price ?? parcelPrice(sale.amounts, ledger.origin);
        revision = Math.max(revision + 1, Date.now());
        const args = { sale, origin, price, revision };
        try {
          await startContract.executeWithOptions({ summary: `open contract ${contractID}` }, [args]);
          return true;
        } catch (error) {
          const { final } = trouble(`contract ${contractID} is not opened`, failureOf(error));
          if (final) ledger = settle(returnSold(ledger, contractID, mint), mint);
          return final;
        }
      };
      const settled = await Promise.all(sales.map(open));
      outbox = outbox.filter((_, index) => settled[index] !== true);
      if (settled.includes(false))
        await condition(() => closing, againMs, { summary: 'before contracts are opened again' });
    }
  }

  async function releaseLateHolds(): Promise<void> {
    for (;;) {
      const deadline = nextEvent(ledger);
      if (deadline === undefined) await condition(() => nextEvent(ledger) !== undefined || closing);
      else {
        const left = Math.max(deadline - Date.now(), 1);
        await condition(() => nextEvent(ledger) !== deadline || closing, left, { summary: 'time to purchase' });
      }
      if (closing) return;
      ledger = advance(ledger, mint);
    }
  }

  setCurrentDetails(`Offer of Kubernetes node **${input.origin.name}** (${input.origin.hash})`);
  const loops = [writeRows(), openContracts(), releaseLateHolds()];
  const over = (): boolean => nodeGone && isIdle(ledger) && outbox.length === 0 && !pending();
  await Promise.race([condition(() => due() || over()), Promise.all(loops)]);
  await condition(allHandlersFinished);
  closing = true;
  await Promise.all(loops);
  if (over()) return;
  await continueAsNew<typeof inventory>({
    origin: ledger.origin,
    carried: { ledger: pack(ledger), outbox, written, revision, nodeGone, touched },
    ...(input.renewAfter === undefined ? {} : { renewAfter }),
  });
}

/** What failed is told to an operator, by log and metric. */
function trouble(what: string, failure: Failure): Failure {
  log.error(what, { ...failure });
  metricMeter.createCounter('rearflow_inventory_trouble', 'step', 'What an inventory could not do').add(1);
  return failure;
}
