import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CellResult } from './cell.ts';
import { keepHistories } from './histories.ts';
import { failed, runMatrix } from './matrix.ts';
import { paths } from './paths.ts';
import { lines } from './report.ts';
import type { Point } from './run.ts';
import { sliced } from './slice.ts';

const usage = `npm run crash-matrix -- [--json] [--workers N] [--kills N] [--only path,path] [--slice | --dry | --part K/N] [--histories DIR] [--break-undo]
  kills the buyer's worker with kill -9 at every persisted state and after every effect, of each path:
  ${paths.map(({ name }) => name).join(', ')}
  --kills N: at how many points of one run, far apart (default 5); points that come to no good together are tried one by one
  --workers N: lanes side by side, each with a worker, two sellers and 300 MiB (default 6)
  --dry: each path once, without a crash; --part K/N: only the K-th of N parts, every N-th point of each path, so that several runs make a whole one
  --histories DIR: what the workflows of a run did that failed is kept there
  --verbose: when each point was passed`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    workers: { type: 'string', default: '6' },
    kills: { type: 'string', default: '5' },
    only: { type: 'string' },
    slice: { type: 'boolean', default: false },
    histories: { type: 'string' },
    part: { type: 'string', default: '1/1' },
    verbose: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
    'break-undo': { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const only = values.only?.split(',');
const chosen = paths.filter((path) =>
  only === undefined ? !values.slice || sliced(path).length > 0 : only.includes(path.name),
);
if (chosen.length === 0) {
  console.error(`there is no such path\n${usage}`);
  process.exit(2);
}

const [turn = NaN, parts = NaN] = values.part.split('/').map(Number);
if (!(Number.isInteger(turn) && Number.isInteger(parts) && turn >= 1 && turn <= parts)) {
  console.error(`--part ${values.part}: must be K/N with whole numbers, K from 1 to N\n${usage}`);
  process.exit(2);
}
const kills = Number(values.kills);
if (!(Number.isInteger(kills) && kills >= 1)) {
  console.error(`--kills ${values.kills}: must be a whole number from 1 on\n${usage}`);
  process.exit(2);
}
const partOf = (points: readonly Point[]): readonly Point[] => points.filter((_, index) => index % parts === turn - 1);

const since = Date.now();
const broken = fileURLToPath(new URL('./broken-worker.ts', import.meta.url));
const result = await runMatrix({
  paths: chosen,
  workers: Number(values.workers),
  kills,
  select: values.dry ? () => [] : values.slice ? sliced : (_, points) => partOf(points),
  ...(values['break-undo'] ? { script: broken } : {}),
  stopAtFirst: values['break-undo'],
  onCell: (cell) => {
    say(cell, progress);
  },
  afterCell: async ({ temporal }, run) => {
    if (values.histories === undefined || !failed(run)) return;
    const dir = join(values.histories, run.path, run.intents[0] ?? 'none');
    const wrong = await keepHistories(temporal, dir);
    if (wrong !== undefined) progress(`histories of ${run.path} were not kept: ${wrong}`);
  },
  onSuspect: ({ path, problems, leaks }, points) => {
    progress(`one by one  ${path}: ${points.join(' + ')}: ${[...problems, ...leaks].join('; ')}`);
  },
});

function progress(line: string): void {
  if (values.json) console.error(line);
  else console.log(line);
}

function say(cell: CellResult, print: (line: string) => void): void {
  for (const line of lines(cell, values.verbose)) print(line);
}

/** One line per path: a letter per cell, in the order of its points. */
function row(name: string): string {
  const cells = result.cells.filter(({ path }) => path === name);
  const letters = cells.map((cell) => (failed(cell) ? 'F' : cell.reached ? '.' : '-'));
  return `${name.padEnd(28)} ${letters.join('')}`;
}

const { cells, leaks, untried } = result;
const reached = cells.filter((cell) => cell.reached || failed(cell));
const limit = (name: string): number => paths.find((path) => path.name === name)?.purchases[1] ?? 1;
for (const { name } of chosen) console.log(row(name));
for (const cell of cells.filter(failed)) say(cell, console.log);
for (const leak of leaks) console.log(`left on the API servers: ${leak}`);
if (untried > 0) console.log(`${String(untried)} cells were not tried: too many failed, no lane is left`);
const recoveries = cells.flatMap(({ recoveryMs }) => recoveryMs ?? []);
const summary = {
  cells: reached.length,
  failed: cells.filter(failed).length,
  leaks: cells.reduce((sum, cell) => sum + cell.leaks.length, 0) + leaks.length,
  doublePurchases: cells.filter(({ path, purchases }) => purchases > limit(path)).length,
  seconds: Math.round((Date.now() - since) / 1000),
  notReached: cells.length - reached.length,
  untried,
  slowestRecoveryMs: Math.max(0, ...recoveries),
};
console.log(JSON.stringify(summary));
process.exit(summary.failed + summary.leaks + summary.doublePurchases + untried === 0 ? 0 : 1);
