/*
 * Builds what is published: `dist/` of the command, compiled by tsc, with the workflow bundle made beforehand, and
 * `packages/client/dist/`, one module with its types. Run by `npm pack` and `npm publish`.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
writeFileSync(join(dist, 'workflow-bundle.js'), withoutOwnPaths(code));

const { version, dependencies } = read(root);
const pinned = Object.fromEntries(
  clientDependencies.map((name) => [name, compatible(dependencies[name] ?? 'missing')]),
);
const manifest = { ...read(client), version, dependencies: pinned };
copyFileSync(join(root, 'LICENSE'), join(client, 'LICENSE'));
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

/** A program may have Temporal's packages already, of a later version. */
function compatible(range: string): string {
  return /^\d/.test(range) ? `^${range}` : range;
}

/** The source map of the bundle names files as they stand on the machine that built it. */
function withoutOwnPaths(bundle: string): string {
  const mark = 'sourceMappingURL=data:application/json;charset=utf-8;base64,';
  const at = bundle.lastIndexOf(mark);
  if (at < 0) return bundle;
  const map = Buffer.from(bundle.slice(at + mark.length), 'base64').toString('utf8');
  return bundle.slice(0, at + mark.length) + Buffer.from(map.replaceAll(root, '')).toString('base64');
}
