// `npm test`: static checks, then the suites; the last line says how many passed and failed. Plain JS for the system's Node.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir } from 'node:os';
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
  ['lint', ['eslint', '--max-warnings', '0', '.']],
  ['types', ['tsc', '--noEmit', '-p', '.']],
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['directions', ['node', 'scripts/directions.ts', '--quiet']],
  ['unused', ['knip', '--no-progress']],
];
/** Suites that start servers, each its own; the longest first. `unit` goes with the checks. */
const suites = ['e2e', 'resilience', 'hostile', 'integration', 'cli', 'provider'];
/** Too long for every run; only when named. */
const onDemand = ['recovery', 'deep'];
/** They mostly wait for namespaces to be emptied, so two at a time; each of them takes up to 3.5 GiB. */
const lanes = freemem() > 9 * 1024 ** 3 && availableParallelism() > 1 ? 2 : 1;

let passed = 0;
let failed = 0;
const wanted = (name) => only.length === 0 || only.includes(name);
const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

/** Runs a command and shows what it said when it has ended, so that two do not talk at once. */
function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
    child.once('error', (error) => resolve({ status: 1, said: `${error.message}\n` }));
    child.once('close', (status) => resolve({ status, said }));
  });
}

async function check([name, [command, ...args]]) {
  const since = Date.now();
  const options = { env: { ...env, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'pipe'] };
  const { status, said } = await run(command, args, options);
  if (status === 0) passed += 1;
  else failed += 1;
  console.log(`${said}${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(since)} s)`);
}

async function suite(name) {
  const since = Date.now();
  const file = join(folder, `${name}.json`);
  const args = [jest, '--selectProjects', name, '--json', '--outputFile', file, '--passWithNoTests', '--runInBand'];
  const { status, said } = await run(node, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    passed += result.numPassedTests;
    // A suite that could not be loaded has no test to count.
    failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    if (status !== 0 && result.success) failed += 1;
  } catch {
    failed += 1;
  }
  console.log(`${said}${status === 0 ? 'ok    ' : 'FAILED'} ${name} suite (${seconds(since)} s)`);
}

async function inLanes(tasks) {
  const lane = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) await task();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

const inUnit = wanted('unit') ? [() => suite('unit')] : [];
await inLanes([...inUnit, ...checks.filter(([name]) => wanted(name)).map((each) => () => check(each))]);
const withServers = [...suites.filter(wanted), ...onDemand.filter((name) => only.includes(name))];
if (withServers.length > 0) {
  const tools = [join(root, 'scripts', 'ensure-tools.ts')];
  const { status } = await run(node, tools, { env: { ...env, NODE_OPTIONS: '' }, stdio: 'inherit' });
  if (status === 0) await inLanes(withServers.map((name) => () => suite(name)));
  else failed += withServers.length;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
