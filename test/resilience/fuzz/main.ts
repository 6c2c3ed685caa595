import { parseArgs } from 'node:util';
import { startBareSeller } from '../../integration/provider/chaos/bare-seller.ts';
import { wholeNumber } from '../../harness/support/command-line.ts';
import { told, type Finding } from './finding.ts';
import { SimulatedWorld } from '../../harness/simulator/world.ts';
import { fuzzAnswers } from './answers.ts';
import { buyerOfIntents, fuzzIntents } from './intents.ts';
import { fuzzRequests } from './requests.ts';
import { sellerSettings } from './run.ts';

const usage = `npm run fuzz -- [--json] [--seed N] [--requests N] [--answers N] [--only N]
  generated requests to a selling node, then generated sellers' answers to a buying one; both are made from the schemas
  and then spoilt. --requests 0 or --answers 0 leaves one half out; --only N runs one case of the other half alone.
  --json: findings and progress on stderr; the last line on stdout is the summary either way`;

/** A whole intent takes as long as hundreds of answers. */
const answersPerIntent = 250;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    seed: { type: 'string', default: '15' },
    requests: { type: 'string', default: '100000' },
    answers: { type: 'string', default: '10000' },
    only: { type: 'string' },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const seed = wholeNumber('seed', values.seed, 0, usage);
const requests = wholeNumber('requests', values.requests, 0, usage);
const answers = wholeNumber('answers', values.answers, 0, usage);
const only = values.only === undefined ? {} : { only: wholeNumber('only', values.only, 0, usage) };
const since = Date.now();
const say = (text: string): void => console.error(`${String(Math.round((Date.now() - since) / 1_000))} s: ${text}`);
const findings: Finding[] = [];
let sent = 0;
let heard = 0;

function report(found: readonly Finding[], half: string): void {
  const again = (number: number): string =>
    `again: npm run fuzz -- --seed ${String(seed)} ${half} --only ${String(number)}`;
  for (const each of found) (values.json ? console.error : console.log)(told(each, again));
  findings.push(...found);
}

if (requests > 0) {
  say(`seed ${String(seed)}: ${String(requests)} requests; a selling node starts`);
  const seller = await startBareSeller(sellerSettings);
  try {
    const result = await fuzzRequests(seller, { seed, requests, ...only, say });
    sent = result.sent;
    report(result.findings, '--answers 0');
  } finally {
    await seller.close();
  }
}

if (answers > 0) {
  say(`seed ${String(seed)}: ${String(answers)} answers; servers start`);
  const world = await SimulatedWorld.start([buyerOfIntents], 2);
  try {
    const bulk = await fuzzAnswers(world.servers.buyers, { seed, answers, ...only, say });
    heard += bulk.heard;
    report(bulk.findings, '--requests 0');
    if (values.only === undefined) {
      const intents = Math.ceil(answers / answersPerIntent);
      const whole = await fuzzIntents(world, { seed, intents, say });
      heard += whole.heard;
      report(whole.findings, '--requests 0');
    }
  } finally {
    await world.stop();
  }
}

const count = (kind: Finding['kind']): number => findings.filter((each) => each.kind === kind).length;
const summary = {
  requests: sent,
  answers: heard,
  serverErrors: count('server error'),
  hangs: count('hang'),
  wedged: count('wedged'),
  leaks: count('leak'),
  seconds: Math.round((Date.now() - since) / 1_000),
};
console.log(JSON.stringify(summary));
process.exit(findings.length === 0 ? 0 : 1);
