import { existsSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createTradeActivities, type TradeActivities } from '../../../src/activities/intent/trade.ts';
import { createRowActivities, type RowActivities } from '../../../src/activities/intent/record-rows.ts';
import { createSearchActivities, type SearchActivities } from '../../../src/activities/intent/search.ts';
import { generateSigningKey, loadSigningKeys, type SigningKeys } from '../../../src/signing/keys.ts';
import { tableKinds } from '../../../src/kubernetes/table-kinds.ts';
import { kinds } from '../../../src/kubernetes/kinds.ts';
import { anyAddress } from '../../../src/platform/address-guard.ts';
import { createRearClient, type RearClient } from '../../../src/rear/client.ts';
import { ensureTables } from '../../../src/runtime/tables-namespace.ts';
import type { Flavor } from '../../../src/schemas/wire.ts';
import { openRows } from '../crash/leftovers.ts';
import type { ApiServer } from '../../harness/simulator/servers.ts';
import type { Message } from '../../harness/simulator/rear-proxy.ts';
import { Chance } from '../soak/chance.ts';
import { answerOf, type Answer } from './answer.ts';
import { shown, type Finding } from './finding.ts';
import { inActivity, type Ended } from './in-activity.ts';
import { tellTale } from './kubeconfigs.ts';
import { disagreements, undefinedEnd } from './outcome.ts';
import { seedOf } from './request.ts';
import { openShop, type Shop } from './shop.ts';

export interface AnswersOptions {
  readonly seed: number;
  readonly answers: number;
  readonly only?: number;
  readonly say: (text: string) => void;
}

const namespace = 'tables-of-bulk';
const buyer = 'bulk';
const lanes = 8;
const termMs = 3_600_000;
const configuration = { type: 'k8slice', data: { cpu: '1', memory: '1Gi', pods: '2' } } as const;
const resources = { cpu: '1', memory: '1Gi', pods: '2' };
/** Which answer of a case is spoilt; the others are honest. */
const spoilt: readonly Message[] = [
  ...Array<Message>(5).fill('LIST'),
  ...Array<Message>(4).fill('RESERVE'),
  ...Array<Message>(6).fill('PURCHASE'),
  ...Array<Message>(2).fill('read the contract'),
  ...Array<Message>(3).fill('read the receipt'),
  ...Array<Message>(3).fill('read the keys'),
  'RELEASE',
  'end the contract',
];
/** Nothing a seller says may keep the buyer from everything else so long, milliseconds. */
const longestStallMs = 5_000;
const candidatesKept = 500;
const searchMs = 60_000;

interface Bulk {
  readonly seed: number;
  readonly keys: SigningKeys;
  readonly honest: Shop;
  readonly rear: RearClient;
  readonly site: ApiServer;
  readonly kubeconfig: string;
  readonly findings: Finding[];
}

/** Generated answers of a hostile seller to the real client and the real activities of a buyer. */
export async function fuzzAnswers(
  site: ApiServer,
  options: AnswersOptions,
): Promise<{ heard: number; findings: Finding[] }> {
  const { seed, answers, only, say } = options;
  await ensureTables(site.cluster, namespace);
  const keys = await loadSigningKeys(await generateSigningKey());
  const kubeconfig = Buffer.from(honestKubeconfig(site)).toString('base64');
  const rear = createRearClient({ addresses: anyAddress, timeoutMs: 600 });
  const honest = await openShop('honest', '0.80', keys, kubeconfig);
  const bulk: Bulk = { seed, keys, honest, rear, site, kubeconfig, findings: [] };
  const numbers = only === undefined ? Array.from({ length: answers }, (_, index) => index) : [only];
  const stalls = monitorEventLoopDelay({ resolution: 20 });
  stalls.enable();
  let next = 0;
  const lane = async (_: unknown, index: number): Promise<void> => {
    const shop = await openShop('cheap', '0.40', keys, kubeconfig);
    try {
      while (next < numbers.length) await oneCase(bulk, shop, `l${String(index)}`, numbers[next++] ?? 0);
    } finally {
      await shop.close();
    }
  };
  const reporter = setInterval(() => {
    say(`${String(next)} of ${String(numbers.length)} answers, ${String(bulk.findings.length)} findings`);
  }, 5_000);
  try {
    await Promise.all(Array.from({ length: Math.min(lanes, numbers.length) }, lane));
  } finally {
    clearInterval(reporter);
    stalls.disable();
    await honest.close();
    await rear.close();
  }
  const longest = stalls.max / 1e6;
  if (longest > longestStallMs)
    bulk.findings.push({ kind: 'hang', what: `nothing else was done for ${longest.toFixed(0)} ms` });
  await forgetCandidates(site);
  bulk.findings.push(...(await leftOn(site)));
  return { heard: numbers.length, findings: bulk.findings };
}

async function oneCase(bulk: Bulk, shop: Shop, intent: string, number: number): Promise<void> {
  const { seed, keys, findings, site } = bulk;
  const chance = new Chance(seedOf(seed, number));
  const message = chance.among(spoilt);
  let said: Answer | undefined;
  shop.proxy.spoil = async (each, answer) => {
    if (each !== message) return answer;
    return (said = await answerOf(message, answer, keys, chance));
  };
  const found = (kind: Finding['kind'], what: string): void => {
    const { status = 0, headers = {}, body = '', manner = '' } = said ?? {};
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const text = `${message}, ${manner}: ${String(status)}\n${lines.join('\n')}\n\n${body.toString('utf8')}`;
    findings.push({ kind, number, what: `${message}: ${what}`, shown: shown(text) });
  };
  const judge = (activity: string, ended: Ended<unknown>): void => {
    const why = undefinedEnd(ended);
    if (why !== undefined) found(ended.how === 'hangs' ? 'hang' : 'server error', `${activity} ${why}`);
  };
  try {
    const trade = new Trade(bulk, shop, intent, message, judge);
    if (message === 'LIST') await trade.look(number, found);
    else await trade.buy(number, found);
  } catch (error) {
    found('server error', `the fuzz itself failed: ${String(error)}`);
  } finally {
    shop.proxy.spoil = undefined;
    await shop.clear();
  }
  if (existsSync(tellTale)) found('server error', 'a kubeconfig ran a program');
  if (message === 'LIST' && number % candidatesKept === 0) await forgetCandidates(site);
}

type Found = (kind: Finding['kind'], what: string) => void;

/** Temporal, as far as a purchase asks it: no pair lives. */
const withoutPairs = {
  workflow: { getHandle: () => ({ describe: () => Promise.resolve({ status: { name: 'COMPLETED' } }) }) },
} as never;

/** What a buyer does with one seller, through the activities of its worker. */
class Trade {
  readonly #shop: Shop;
  readonly #intent: string;
  readonly #message: Message;
  readonly #judge: (activity: string, ended: Ended<unknown>) => void;
  readonly #bulk: Bulk;
  readonly #buyer: TradeActivities;
  readonly #search: SearchActivities;
  readonly #rows: RowActivities;

  /** @param message whose answers are spoilt */
  constructor(
    bulk: Bulk,
    shop: Shop,
    intent: string,
    message: Message,
    judge: (activity: string, ended: Ended<unknown>) => void,
  ) {
    const { rear, site, honest } = bulk;
    const self = { nodeID: buyer, domain: 'fuzz', address: '127.0.0.1:1', liqoID: buyer };
    const common = { cluster: site.cluster, self, rear, namespace };
    this.#bulk = bulk;
    this.#shop = shop;
    this.#intent = intent;
    this.#message = message;
    this.#judge = judge;
    this.#buyer = createTradeActivities({
      ...common,
      client: withoutPairs,
      addresses: anyAddress,
      nodeName: buyer,
    });
    this.#rows = createRowActivities(common);
    this.#search = createSearchActivities({
      ...common,
      client: undefined as never,
      endpoints: [shop.proxy.address, honest.proxy.address],
      listDeadlineMs: 600,
      fanOut: 10,
      flavorExpiryMs: 60_000,
      workload: undefined as never,
      limits: undefined as never,
      epoch: undefined as never,
      ground: undefined as never,
    });
  }

  /** LIST to the hostile and to an honest seller. */
  async look(number: number, found: Found): Promise<void> {
    const request = { resources, objective: 'balanced', termMs } as const;
    const ended = await this.#run('discover', () =>
      this.#search.discover({ intent: this.#intent, request, revision: Date.now(), until: Date.now() + searchMs }),
    );
    const honest = this.#bulk.honest.proxy.address;
    if (ended.how === 'threw') return found('wedged', `discover fails as a whole: ${String(ended.error)}`);
    if (ended.how !== 'returned') return;
    const { candidates } = ended.result;
    if (!candidates.some(({ endpoint }) => endpoint === honest))
      found('wedged', 'the honest seller is not among the candidates');
    const strange = candidates.find(({ endpoint, flavor }) => endpoint !== honest && flavor.flavorID.length > 0);
    if (strange) await this.#order(strange.flavor, number, found);
  }

  async buy(number: number, found: Found): Promise<void> {
    await this.#order(this.#shop.flavor(), number, found);
  }

  /** Reserve, purchase, write the rows; then everything is given back. */
  async #order(flavor: Flavor, number: number, found: Found): Promise<void> {
    const endpoint = this.#shop.proxy.address;
    const key = `fuzz-${String(number)}:${flavor.flavorID}`;
    const keyed = { endpoint, key };
    const held = await this.#run('reserve', () =>
      this.#buyer.reserve({ ...keyed, flavorID: flavor.flavorID, configuration, term: '1h' }),
    );
    if (held.how === 'returned' && held.result.ok) {
      const { transactionID, credentialsSecret, remainingMs } = held.result;
      if (!Number.isFinite(remainingMs)) found('server error', 'a reservation without a time');
      const bought = await this.#run('purchase', () =>
        this.#buyer.purchase({ ...keyed, transactionID, configuration, flavor, termMs, credentialsSecret }),
      );
      if (bought.how === 'returned' && bought.result.ok) {
        const { purchase } = bought.result;
        const lies = disagreements(purchase, { offered: flavor, transactionID, buyer, termMs });
        if (lies.length > 0) found('server error', `a contract was accepted that differs in ${lies.join(', ')}`);
        if (this.#message === 'PURCHASE') await this.#writeRows(purchase);
      }
      await this.#run('releaseReservation', () => this.#buyer.releaseReservation(keyed));
      await this.#run('endContract', () =>
        this.#buyer.endContract({ ...keyed, transactionID, reason: 'the fuzz goes on' }),
      );
      await this.#run('deleteCredentials', () => this.#buyer.deleteCredentials({ secret: credentialsSecret }));
    } else await this.#run('releaseReservation', () => this.#buyer.releaseReservation(keyed));
  }

  async #writeRows(purchase: Parameters<RowActivities['closePurchase']>[0]['purchase']): Promise<void> {
    const intent = this.#intent;
    const recovery = { need: { intent: { name: intent } }, purchase, status: {} } as unknown as Parameters<
      RowActivities['recordPurchase']
    >[0]['recovery'];
    await this.#run('recordPurchase', () => this.#rows.recordPurchase({ recovery, revision: Date.now() }));
    await this.#run('closePurchase', () => this.#rows.closePurchase({ intent, purchase, revision: Date.now() }));
  }

  async #run<T>(activity: string, act: () => Promise<T>): Promise<Ended<T>> {
    const ended = await inActivity(activity, this.#intent, act);
    this.#judge(activity, ended);
    return ended;
  }
}

function honestKubeconfig({ cluster, ca }: ApiServer): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [
      {
        name: 'c',
        cluster: { server: cluster.server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'u', user: { token: 'abc' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });
}

/** Keeps the table small. A busy API server costs no run: the next time takes away as much more. */
async function forgetCandidates({ cluster }: ApiServer): Promise<void> {
  const { apiVersion, plural } = tableKinds.PeeringCandidate;
  await cluster.raw('DELETE', `/apis/${apiVersion}/namespaces/${namespace}/${plural}`).catch(() => undefined);
}

async function leftOn({ cluster }: ApiServer): Promise<Finding[]> {
  const secrets = (await cluster.list(kinds.Secret, { namespace })).items;
  const kept = secrets
    .map(({ metadata }) => metadata.name ?? '')
    .filter((name) => name.startsWith('rearflow-credentials'));
  // Rows of the intents themselves stay: nobody ended them.
  const rows = (await openRows(cluster, namespace)).filter((row) => !row.startsWith('Intent '));
  return [...kept.map((name) => `Secret ${name}`), ...rows].map((what): Finding => ({ kind: 'leak', what }));
}
