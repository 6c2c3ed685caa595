import { parseArgs } from 'node:util';
import { startBareSeller, victims, type Victim } from './bare-seller.ts';
import { chaos, type ChaosResult } from './run.ts';

const usage = `npm run provider-chaos -- [--json] [--seed S] [--seeds N] [--pairs N] [--victim ${victims.join('|')}]
  kills a part of a selling node with kill -9 while customers reserve and purchase, then compares ledgers, rows and
  what the customers were told; --seed S replays that one`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    pairs: { type: 'string', default: '200' },
    victim: { type: 'string' },
  },
});
const chosen = victims.filter((victim) => values.victim === undefined || values.victim === victim);
if (values.help || chosen.length === 0) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const first = Number(values.seed ?? 1);
const seeds = Number(values.seeds ?? (values.seed === undefined ? 10 : 1));
const pairs = Number(values.pairs);

const results: ChaosResult[] = [];
for (const victim of chosen) await kill(victim);
const failed = results.filter(({ problems }) => problems.length > 0);
for (const { victim, seed } of failed)
  console.log(`again: npm run provider-chaos -- --victim ${victim} --seed ${String(seed)} --pairs ${String(pairs)}`);
const total = (of: (result: ChaosResult) => number): number => results.reduce((all, each) => all + of(each), 0);
const summary = {
  runs: results.length,
  failed: failed.length,
  bought: total(({ bought }) => bought),
  unanswered: total(({ unanswered }) => unanswered),
  slowestSeconds: Math.max(0, ...results.map(({ seconds }) => seconds)),
};
console.log(JSON.stringify(summary));
process.exit(failed.length === 0 ? 0 : 1);

/** A selling node of its own for each victim, so that contracts of one do not burden the next. */
async function kill(victim: Victim): Promise<void> {
  const seller = await startBareSeller();
  try {
    for (let seed = first; seed < first + seeds; seed += 1) {
      const result = await chaos(seller, { victim, seed, pairs });
      results.push(result);
      const { problems, ...figures } = result;
      console.log(
        values.json
          ? JSON.stringify(result)
          : `${problems.length === 0 ? 'ok    ' : 'FAILED'} ${JSON.stringify(figures)}`,
      );
      if (!values.json) for (const problem of problems) console.log(`       ${problem}`);
    }
  } finally {
    await seller.close();
  }
}
