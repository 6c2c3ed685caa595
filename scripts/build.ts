/*
 * Builds what is published: `dist/` of the command, compiled by tsc, with the workflow bundle made beforehand, and
 * `packages/client/dist/`, one module with its types. Run by `npm pack` and `npm publish`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { build } from 'tsdown';

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
}

const root = fileURLToPath(new URL('../', import.meta.url));
const client = join(root, 'packages', 'client');
const dist = join(root, 'dist');
const read = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** What a program that uses the client installs; everything else is compiled in. */
const clientDependencies = ['@temporalio/client', '@temporalio/common', '@temporalio/envconfig', 'zod'];

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});

const { code } = await bundleWorkflowCode({
  workflowsPath: join(dist, 'workflows', 'index.js'),
  workflowInterceptorModules: [join(dist, 'workflows', 'budgets.js')],
});
writeFileSync(join(dist, 'workflow-bundle.js'), code);

const { version, dependencies } = read(root);
const pinned = Object.fromEntries(clientDependencies.map((name) => [name, dependencies[name] ?? 'missing']));
const manifest = { ...read(client), version, dependencies: pinned };
writeFileSync(join(client, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
await build({
  cwd: client,
  entry: { client: join(root, 'src', 'client.ts') },
  outDir: join(client, 'dist'),
  tsconfig: join(root, 'tsconfig.json'),
  platform: 'node',
  format: 'esm',
  fixedExtension: false,
  dts: true,
  clean: true,
  logLevel: 'warn',
});
