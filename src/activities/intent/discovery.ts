import pLimit from 'p-limit';
import { byNearness } from '../../market/explain.ts';
import { rank } from '../../market/score.ts';
import { screen, type Screened } from '../../market/screen.ts';
import { shortlist, type ShortlistLimits } from '../../market/shortlist.ts';
import type { Candidate } from '../../messages/intent/candidate.ts';
import type { Self } from '../../platform/identity.ts';
import type { RearClient } from '../../rear/client.ts';
import { selectorFor, type Selector } from '../../rear/selector.ts';
import type { ResourceRequest } from '../../schemas/request.ts';
import { listBudget } from '../../schemas/budgets.ts';
import { isSelf } from './purchase-check.ts';

export interface DiscoveryDeps {
  readonly self: Self;
  readonly rear: Pick<RearClient, 'list'>;
  readonly listDeadlineMs: number;
  /** How many are asked at once. */
  readonly fanOut: number;
}

export interface Asking {
  readonly request: ResourceRequest;
  /** host:port of gateways. */
  readonly endpoints: readonly string[];
  /** When the search is over, whoever has not answered by then. */
  readonly signal: AbortSignal;
  /** Called before each question. */
  readonly alive: () => void;
}

export interface Found {
  /** The best of each seller first. */
  readonly candidates: readonly Candidate[];
  readonly asked: number;
  readonly answered: number;
}

/** How many candidates one seller may have on the shortlist. */
const perSeller = 10;
/** What a search hands to the workflow: history is no place for bulk. */
const limits: ShortlistLimits = { items: 50, ofSeller: perSeller, bytes: 96 * 1024 };
const anySlice: Selector = { type: 'k8slice', amounts: {} };

interface Answer extends Screened<Candidate> {
  readonly answered: boolean;
}
const silence: Answer = { fitting: [], missed: [], answered: false };

/**
 * LIST to all, at once; a dead or broken seller costs only itself. What fits comes first; when nobody has what is needed,
 * what they have instead tells the user what to relax.
 *
 * @see docs/steps.md 6-11
 */
export async function askSellers(deps: DiscoveryDeps, asking: Asking): Promise<Found> {
  const { request, endpoints } = asking;
  const first = await askAll(deps, asking, selectorFor(request));
  const found = first.some(({ fitting, missed }) => fitting.length + missed.length > 0);
  const answers = found ? first : await askAll(deps, asking, anySlice);
  return {
    candidates: bestOf(request, answers, limits),
    asked: endpoints.length,
    answered: first.filter(({ answered }) => answered).length,
  };
}

/**
 * As many candidates as a workflow may be told, fairly shared among their sellers; the own node is one like others.
 *
 * @param bytes of all of them as JSON, at most
 */
export function shortCandidates(
  request: ResourceRequest,
  candidates: readonly Candidate[],
  bytes = limits.bytes,
): Candidate[] {
  const bySeller = Map.groupBy(candidates, ({ endpoint }) => endpoint);
  const screened = [...bySeller.values()].map((each) =>
    screen(request, each.slice(0, listBudget.items), Date.now(), perSeller),
  );
  return bestOf(request, screened, { ...limits, bytes });
}

function bestOf(
  request: ResourceRequest,
  screened: readonly Screened<Candidate>[],
  allowed: ShortlistLimits,
): Candidate[] {
  const fitting = screened.flatMap((each) => each.fitting);
  const missed = screened.flatMap((each) => each.missed);
  const ranked: readonly Candidate[] = [
    ...rank(request, fitting).map(({ candidate }) => candidate),
    ...missed.sort(byNearness),
  ];
  const plain = ranked.map(({ flavor, endpoint }) => ({ flavor, endpoint }));
  return shortlist(plain, ({ endpoint }) => endpoint, allowed);
}

async function askAll(deps: DiscoveryDeps, asking: Asking, selector: Selector): Promise<Answer[]> {
  const limit = pLimit(deps.fanOut);
  return Promise.all(asking.endpoints.map((endpoint) => limit(() => ask(deps, asking, endpoint, selector))));
}

async function ask(deps: DiscoveryDeps, asking: Asking, endpoint: string, selector: Selector): Promise<Answer> {
  const { request, signal, alive } = asking;
  if (signal.aborted) return silence;
  alive();
  try {
    const answer = await deps.rear.list(endpoint, selector, { signal, timeoutMs: deps.listDeadlineMs });
    if (!answer.ok) return silence;
    const others = answer.flavors.filter(({ owner }) => !isSelf(owner, deps.self));
    const offers = others.map((flavor) => ({ flavor, endpoint }));
    return { ...screen(request, offers, Date.now(), perSeller), answered: true };
  } catch {
    // Whatever it sent, or did not send, is its own loss.
    return silence;
  }
}
