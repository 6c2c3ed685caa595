import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dice } from '../support/dice.ts';
import { mutantsOf, type Mutant } from './mutants.ts';

const usage = `npm run mutation-sample -- [--in folder] [--count N] [--seed N] [--long] [--json]
  changes one random line at a time in a copy of the sources and looks whether the tests notice
  --in: src/market or src/workflows (default); --long: what the unit tests do not notice meets each path of the crash matrix, too`;

const { values } = parseArgs({
  options: {
    in: { type: 'string', default: 'src/workflows' },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    long: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const all = mutantsOf(root, values.in);
if (all.length === 0) {
  console.error(`--in ${values.in}: there is nothing to change\n${usage}`);
  process.exit(2);
}

/** Longer than any of the commands takes without a mutant, milliseconds; who hangs is noticed. */
const patienceMs = 900_000;
const copy = mkdtempSync(join(tmpdir(), 'rearflow-mutation-'));
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

/** @returns true when the command fails, or does not end */
function notices(...args: readonly string[]): boolean {
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' };
  const { status } = spawnSync(process.execPath, args, { cwd: copy, env, stdio: 'ignore', timeout: patienceMs });
  return status !== 0;
}

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compiles = (): boolean => !notices(compiler, '--noEmit', '-p', '.');
const stages: Readonly<Record<string, () => boolean>> = {
  unit: () => notices(jest, '--selectProjects', 'unit', '--bail'),
  ...(values.long ? { paths: () => notices('test/crash/main.ts', '--dry', '--json', '--workers', '6') } : {}),
};

/** @returns by what it was noticed; undefined by nothing */
function noticedBy({ file, line, after }: Mutant): string | undefined {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text
      .split('\n')
      .with(line - 1, after)
      .join('\n'),
  );
  try {
    if (!compiles()) return 'compiler';
    return Object.entries(stages).find(([, notice]) => notice())?.[0];
  } finally {
    writeFileSync(path, text);
  }
}

const result = { sample: 0, caught: 0, survivors: [] as string[], seed: Number(values.seed) };
try {
  const skipped = /(?:^|\/)(?:node_modules|\.git)(?:\/|$)/;
  cpSync(root, copy, { recursive: true, filter: (source) => !skipped.test(source.slice(root.length)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  if (!compiles() || Object.values(stages).some((notice) => notice()))
    throw new Error('the tests fail without a change');
  const next = dice(result.seed);
  const left = [...all];
  while (result.sample < Number(values.count) && left.length > 0) {
    const [mutant] = left.splice(Math.floor(next() * left.length), 1);
    if (!mutant) break;
    const by = noticedBy(mutant);
    // What does not compile is no change that a test would have to notice.
    if (by === 'compiler') continue;
    result.sample += 1;
    const text = `${mutant.file}:${String(mutant.line)}: ${mutant.before.trim()}  ->  ${mutant.after.trim()}`;
    if (by === undefined) result.survivors.push(text);
    else result.caught += 1;
    say(`${(by ?? 'SURVIVED').padEnd(8)} ${text}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(JSON.stringify(result));
