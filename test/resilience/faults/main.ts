import { parseArgs } from 'node:util';
import { failed, runMatrix } from '../crash/matrix.ts';
import { lines } from '../crash/report.ts';
import { faultPaths } from './paths.ts';

const usage = `npm run fault-matrix -- [--json] [--workers N] [--only text]
  spoils each REAR message and each API server once, in each way, lets things happen at once, and looks whether anything is left`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    workers: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
const { json, verbose, only, workers } = values;
const paths = faultPaths.filter(({ name }) => name.includes(only));
if (values.help || paths.length === 0) {
  console.error(values.help ? usage : `there is no such fault\n${usage}`);
  process.exit(values.help ? 0 : 2);
}

const since = Date.now();
const { cells, leaks } = await runMatrix({
  paths,
  workers: Math.min(Number(workers), paths.length),
  select: () => [],
  stopAtFirst: false,
  onCell: (cell) => {
    if (!json) for (const line of lines(cell, verbose)) console.log(line);
  },
});
if (json) for (const cell of cells.filter(failed)) for (const line of lines(cell, false)) console.log(line);
for (const leak of leaks) console.log(`left on the API servers: ${leak}`);
const left = cells.flatMap((cell) => cell.leaks);
const summary = {
  cells: cells.length,
  failed: cells.filter(failed).length,
  orphanHolds: left.filter((each) => each.startsWith('hold ')).length,
  oneSidedContracts:
    left.filter((each) => each.startsWith('contract ')).length +
    cells.flatMap(({ problems }) => problems).filter((each) => each.includes('known to the buyer only')).length,
  leaks: left.length + leaks.length,
  seconds: Math.round((Date.now() - since) / 1000),
};
console.log(JSON.stringify(summary));
process.exit(summary.failed + summary.leaks === 0 ? 0 : 1);
