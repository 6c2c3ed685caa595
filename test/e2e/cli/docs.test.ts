import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareEnvironment, rearflowIn, root, run, traces, type Ran } from './command.ts';
import { processesOf } from './processes.ts';
import { documentedIn, outputsIn, scriptOf, type Documented } from './documented.ts';

/*
 * README and docs, typed line by line into one shell against the stack that the README starts. The tests below run in
 * order and share it; the last one stops it as the README says.
 */

const up = 'npx rearflow stack up';
const down = 'npx rearflow stack down';
const pages = [
  'README.md',
  'docs/architecture.md',
  'docs/intent.md',
  'docs/selling.md',
  'docs/history.md',
  'docs/troubleshooting.md',
];

/** What a line must print at least. A line that fits none of these fails the test. */
const telling: readonly (readonly [RegExp, RegExp])[] = [
  [/^npx rearflow plan /, /milan[^]*Would be created/],
  [/^npx rearflow submit examples\/intents\/web\.yaml$/, /Intent web has begun\./],
  [/^npx rearflow status web$/, /^web[^]*discovery/],
  [/^npx rearflow explain web$/, /milan|has not compared any offers yet/],
  [/^npx rearflow cancel web --watch$/, /teardown[^]*Cancelled/i],
  [/^npx rearflow receipt web$/, /Cancelled[^]*gone/i],
  [/^eval "\$\(npx rearflow stack env\)"$/, /^$/],
  [/^npx rearflow flavors --node milan$/, /^FLAVOR[^]*milan-1/],
  [/^npx rearflow reservations --node milan$/, /^TRANSACTION[^]*Purchased/],
  [/^npx rearflow contracts --node milan$/, /^CONTRACT[^]*turin/],
  [/^(flavor|contract)=/, /^$/],
  [/^npx rearflow withdraw "\$flavor" --namespace milan$/, /is off the market/],
  [/^npx rearflow withdraw "\$flavor" --namespace milan --undo$/, /is offered as /],
  [/^npx rearflow contract show "\$contract" --node milan$/, /^Contract c-[^]*signed/],
  [/^npx rearflow contract show .* \| npx rearflow contract verify -$/, /^Signed by milan/],
  [/^temporal workflow start /, /WorkflowId\s+intent\/hello/],
  [/^temporal workflow query .*status/, /"phase"/],
  [/^temporal workflow result /, /"?outcome"?:\s*"?Completed/],
  [/^temporal workflow list .*milan/, /contract\/[^]*inventory\/|inventory\/[^]*contract\//],
  [/^temporal workflow show /, /WorkflowExecutionStarted[^]*WorkflowExecutionCancelRequested/],
];

let home = '';
let env: Record<string, string> = {};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'rearflow-docs-'));
  // The tools are those of whoever runs the tests: building them is not what this is about.
  const cache = process.env['REARFLOW_CACHE'] ?? join(process.env['HOME'] ?? '', '.cache', 'rearflow');
  env = { ...bareEnvironment(home), REARFLOW_CACHE: cache };
  const { code, stderr } = await typed([{ file: 'README.md', line: up }]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});

afterAll(async () => {
  await rearflowIn({ cwd: root, env }, 'stack', 'down');
  await rm(home, { recursive: true, force: true });
});

const typed = (lines: readonly Documented[]): Promise<Ran> => run({ cwd: root, env }, 'bash', ['-c', scriptOf(lines)]);

test('every documented command works as it stands, and prints what is said of it', async () => {
  const all = (await Promise.all(pages.map(documentedIn))).flat();
  expect(all.map(({ line }) => line)).toEqual(expect.arrayContaining([up, down]));
  const lines = all.filter(({ line }) => line !== up && line !== down);
  const { code, stdout, stderr } = await typed(lines);
  const outputs = outputsIn(stdout);
  for (const [number, output] of outputs.entries()) {
    const { file = '', line = '' } = lines[number] ?? {};
    const [, expected] = telling.find(([command]) => command.test(line)) ?? [];
    if (expected === undefined) throw new Error(`${file}: add to this test what \`${line}\` prints`);
    expect({ file, line, output, stderr, fits: expected.test(output) }).toMatchObject({
      line,
      output,
      stderr,
      fits: true,
    });
  }
  expect({ code, reached: outputs.length, stderr }).toMatchObject({ code: 0, reached: lines.length });
});

test("past our own command line: Temporal's is told the right workflow id and the field, and nothing is made", async () => {
  const file = join(home, 'odd.json');
  await writeFile(file, JSON.stringify({ name: 'odd', resources: { cpu: '1', memory: '1Gi' }, workload: image() }));
  const start = `temporal workflow execute --type intent --task-queue rearflow --workflow-id odd --input-file ${file}`;
  const line = `eval "$(npx rearflow stack env)"; if ${start}; then exit 9; fi; npx rearflow list --output json`;
  const { code, stdout, stderr } = await typed([{ file: 'here', line }]);
  expect(stdout + stderr).toContain('--workflow-id intent/odd');
  expect(stdout + stderr).toContain('InvalidIntent');
  expect(code).toBe(0);
  const { code: unknown, stderr: why } = await rearflowIn({ cwd: home, env }, 'status', 'odd');
  expect([unknown, why]).toEqual([2, expect.stringMatching(/^(there is )?no intent.*odd.*\n/)]);
});

test('the example program states an intent, follows it and counts what is gone', async () => {
  const program = 'node_modules/.bin/node --disable-warning=ExperimentalWarning examples/client.ts';
  const line = `eval "$(npx rearflow stack env)"; ${program}`;
  const { code, stdout, stderr } = await typed([{ file: 'examples/client.ts', line }]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^usage the end of the term$/m);
  const [, created = '', gone] = /^Completed (\d+) objects created, (\d+) gone$/m.exec(stdout) ?? [];
  expect(Number(created)).toBeGreaterThan(10);
  expect(gone).toBe(created);
});

test('a gateway whose port is taken says so', async () => {
  const config = join(env['REARFLOW_STATE'] ?? '', 'stack', 'default', 'turin', 'rearflow.yaml');
  const { code, stderr } = await rearflowIn({ cwd: home, env }, 'gateway', '--config', config);
  expect(stderr).toMatch(/^127\.0\.0\.1:\d+ is taken\nSet gateway\.port/);
  expect(stderr).not.toMatch(traces);
  expect(code).toBe(2);
});

test('`stack down` leaves no process and no file', async () => {
  const dir = join(env['REARFLOW_STATE'] ?? '', 'stack', 'default');
  expect((await processesOf(dir)).length).toBeGreaterThan(10);
  const { code, stdout } = await typed([{ file: 'README.md', line: down }]);
  expect([code, outputsIn(stdout)[0]]).toEqual([0, 'Stack default is stopped; nothing is left.\n']);
  expect(existsSync(dir)).toBe(false);
  expect(await processesOf(dir)).toEqual([]);
});

const image = () => ({ kind: 'deployment', image: 'nginx', requests: { cpu: '100m', memory: '64Mi' } });
