import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

/** How much resident memory may grow from the middle of the run to its end. */
const growth = 1.15;

const usage = `npm run soak -- [--json] [--intents N] [--at-once N] [--seconds N] [--seed N]
  intents over three simulated sellers amid random faults; --json: the last line only`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    intents: { type: 'string', default: '300' },
    'at-once': { type: 'string', default: '20' },
    seconds: { type: 'string', default: '900' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const seed = Number(values.seed);
const say = (text: string): void => {
  if (!values.json) console.log(text);
};
say(`seed ${String(seed)}: --seed repeats its decisions`);
const result = await soak({
  intents: Number(values.intents),
  atOnce: Number(values['at-once']),
  seconds: Number(values.seconds),
  seed,
  say,
});
for (const text of [...result.problems, ...result.leaks.map((each) => `left: ${each}`)]) console.log(text);
const { memory, problems, leaks } = result;
const flat = memory.last <= memory.middle * growth;
console.log(JSON.stringify({ seed, ...result, problems: problems.length, leaks: leaks.length, flat }));
process.exit(problems.length + leaks.length === 0 && flat ? 0 : 1);
