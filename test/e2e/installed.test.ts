import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { root } from './cli/command.ts';
import { openWorld, type World } from '../harness/support/world.ts';

/*
 * Both packages as somebody gets them who installs them: packed, put into empty folders by npm, and run by the Node that
 * is there, 22 and 24.
 */

const exec = promisify(execFile);
const npm = async (cwd: string, ...args: readonly string[]): Promise<string> =>
  (await exec('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, maxBuffer: 2 ** 24 })).stdout;
const bin = (folder: string, name: string): string => join(folder, 'node_modules', '.bin', name);
const repositoryBin = (name: string): string => join(root, 'node_modules', '.bin', name);

let world: World;
let home: string;
let packed: { readonly command: string; readonly client: string };

beforeAll(async () => {
  world = await openWorld();
  home = await mkdtemp(join(tmpdir(), 'rearflow-installed-'));
  await npm(root, 'pack', '--pack-destination', home);
  await npm(join(root, 'packages', 'client'), 'pack', '--pack-destination', home);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  packed = { command: join(home, `rearflow-${version}.tgz`), client: join(home, `rearflow-client-${version}.tgz`) };
}, 240_000);

afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

async function emptyFolder(name: string, manifest: object): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  return folder;
}

async function installed(major: number): Promise<{ folder: string; env: NodeJS.ProcessEnv }> {
  const folder = await emptyFolder(`node-${String(major)}`, {});
  await npm(folder, 'install', packed.command, `node@${String(major)}`);
  const path = `${join(folder, 'node_modules', 'node', 'bin')}:${join(folder, 'node_modules', '.bin')}`;
  const env = { PATH: `${path}:${process.env['PATH'] ?? ''}`, HOME: folder, NO_COLOR: '1' };
  return { folder, env };
}

test('publint and attw find nothing wrong', async () => {
  await exec(repositoryBin('publint'), ['run', packed.command, '--strict'], { cwd: home });
  await exec(repositoryBin('publint'), ['run', packed.client, '--strict'], { cwd: home });
  await exec(repositoryBin('attw'), [packed.client, '--profile', 'esm-only'], { cwd: home });
}, 120_000);

test('a strict TypeScript program compiles with the client', async () => {
  const folder = await emptyFolder('typescript', { type: 'module' });
  await npm(folder, 'install', packed.client);
  const program = `
    import { RearflowClient, type IntentDraft, type IntentReceipt } from '@rearflow/client';
    const draft: IntentDraft = { name: 'a', resources: { cpu: '1', memory: '1Gi' }, workload: { kind: 'deployment', image: 'nginx' } };
    export async function run(): Promise<IntentReceipt> {
      const client = await RearflowClient.connect();
      await client.start(draft);
      // @ts-expect-error an intent has a name
      await client.start({ resources: {} });
      return client.result('a');
    }`;
  await writeFile(join(folder, 'program.ts'), program);
  // Types of Temporal's own client miss those of a package they name, which is why `tsc --init` skips libraries.
  const options = ['--strict', '--skipLibCheck', '--noEmit', '--module', 'nodenext', '--target', 'es2024'];
  await exec(repositoryBin('tsc'), [...options, 'program.ts'], { cwd: folder }).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
}, 120_000);

test.each([22, 24])(
  'on Node %i the command answers, and a worker runs an intent that a plain program states',
  async (major) => {
    const { folder, env } = await installed(major);
    const run = async (file: string, ...args: readonly string[]) => exec(file, args, { cwd: folder, env });
    const nodeVersion = (await run('node', '--version')).stdout;
    expect(nodeVersion).toMatch(new RegExp(`^v${String(major)}\\.`));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await run('npx', 'rearflow', '--version')).stdout.trim()).toBe(version);
    const taskQueue = `installed-${String(major)}`;
    const config = {
      node: { name: 'turin', domain: 'demo.local' },
      kubernetes: { kubeconfig: world.turin.kubeconfig },
      temporal: { address: world.temporalAddress, namespace: 'turin', taskQueue },
      discovery: { endpoints: [world.milan.gateway], allowedRanges: ['127.0.0.0/8'] },
    };
    await writeFile(join(folder, 'rearflow.yaml'), stringify(config));
    const intent = { name: taskQueue, resources: { cpu: '1', memory: '1Gi' }, placement: 'local' };
    const workload = { kind: 'deployment', image: 'nginx' };
    await writeFile(join(folder, 'intent.yaml'), stringify({ ...intent, placement: 'any', workload }));
    const plan = await run(bin(folder, 'rearflow'), 'plan', 'intent.yaml', '--config', 'rearflow.yaml');
    expect(plan.stdout).toContain('milan');

    await npm(folder, 'install', packed.client);
    const program = `
      import { RearflowClient } from '@rearflow/client';
      const where = { address: '${world.temporalAddress}', namespace: 'turin', taskQueue: '${taskQueue}' };
      const client = await RearflowClient.connect(where);
      await client.start(${JSON.stringify({ ...intent, workload })});
      const { outcome, reason } = await client.result('${taskQueue}');
      console.log(outcome, reason);
      await client.close();`;
    await writeFile(join(folder, 'program.mjs'), program);
    const worker = spawn(bin(folder, 'rearflow'), ['worker', '--config', 'rearflow.yaml'], { cwd: folder, env });
    await lineWith(worker, 'node is up');
    // Nothing is sold here, so that no resources of its own suffice.
    expect((await run('node', 'program.mjs')).stdout).toMatch(/^Failed NoProvider: own resources do not suffice/);
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([0, null]);
  },
  240_000,
);

/** Waits for a line of its log, which goes to standard error. */
async function lineWith({ stderr, exitCode }: ChildProcess, text: string): Promise<void> {
  if (!stderr || exitCode !== null) throw new Error('it does not run');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(text)) resolve();
    });
    stderr.once('end', () => reject(new Error(`it ended without saying "${text}": ${said}`)));
  });
}
