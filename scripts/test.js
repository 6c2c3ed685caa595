// `npm test`: static checks, then the suites; the last line says how many passed and failed. Plain JS for the system's Node.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './ensure-installed.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules', 'node', 'bin', 'node');
const folder = mkdtempSync(join(tmpdir(), 'rearflow-results-'));
const only = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const env = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
  NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
};
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/** Name, then the command; a check counts as one test. */
const checks = [
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['lint', ['eslint', '--max-warnings', '0', '.']],
  ['types', ['tsc', '--noEmit', '-p', '.']],
  ['directions', ['depcruise', 'src', '--config', '.dependency-cruiser.js']],
  ['unused', ['knip', '--no-progress']],
];
/** Suites in the order of their cost: those that start servers come last and one after the other. */
const suites = [
  ['unit', ['--maxWorkers', '2']],
  ['provider', ['--runInBand']],
  ['parts', ['--runInBand']],
  ['cli', ['--runInBand']],
  ['stack', ['--runInBand']],
];

let passed = 0;
let failed = 0;
const wanted = (name) => only.length === 0 || only.includes(name);
const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

for (const [name, [command, ...args]] of checks.filter(([each]) => wanted(each))) {
  const since = Date.now();
  const { status } = spawnSync(command, args, {
    cwd: root,
    env: { ...env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) passed += 1;
  else failed += 1;
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(since)} s)`);
}
for (const [name, flags] of suites.filter(([each]) => wanted(each))) {
  const since = Date.now();
  const file = join(folder, `${name}.json`);
  const args = [jest, '--selectProjects', name, '--json', '--outputFile', file, '--passWithNoTests', ...flags];
  const { status } = spawnSync(node, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    passed += result.numPassedTests;
    // A suite that could not be loaded has no test to count.
    failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    if (status !== 0 && result.success) failed += 1;
  } catch {
    failed += 1;
  }
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} suite (${seconds(since)} s)`);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
