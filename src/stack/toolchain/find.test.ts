import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { toolFolder } from './cache.ts';
import { findTool, toolVariable } from './find.ts';
import type { Tool } from './tools.ts';

const tool: Tool = {
  name: 'etcd',
  version: 'v3.6.8',
  module: 'etcd',
  package: 'example.org/etcd',
  ldflags: '',
  expectedSeconds: 1,
  megabytes: 1,
  versionText: 'etcd Version: 3.6.8',
};

let root = '';
let env: Record<string, string> = {};
const modules = (): string => join(root, 'tools');

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rearflow-find-'));
  env = { PATH: `${join(root, 'path')}:/usr/bin:/bin`, REARFLOW_CACHE: join(root, 'cache') };
  await mkdir(join(modules(), 'etcd'), { recursive: true });
  await writeFile(join(modules(), 'etcd', 'go.sum'), 'sum');
});

afterEach(async () => rm(root, { recursive: true, force: true }));

async function put(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'etcd');
  await writeFile(file, `#!/bin/sh\necho "etcd Version: ${version}"\n`, { mode: 0o755 });
  return file;
}

test('nothing anywhere: to be built', async () => {
  expect(await findTool(tool, modules(), env)).toBeUndefined();
});

test('the variable comes before PATH, PATH before the cache', async () => {
  const cached = await put(await toolFolder(tool, modules(), env), '3.6.8');
  expect(await findTool(tool, modules(), env)).toEqual({ path: cached, source: 'cache' });
  const onPath = await put(join(root, 'path'), '3.6.8');
  expect(await findTool(tool, modules(), env)).toEqual({ path: onPath, source: 'PATH' });
  const pointed = await put(join(root, 'own'), 'anything');
  expect(await findTool(tool, modules(), { ...env, REARFLOW_TOOL_ETCD: pointed })).toEqual({
    path: pointed,
    source: 'variable',
  });
});

test.each(['3.6.80', '3.6.8.1', '3.5.0'])('%s on PATH is another version and passed over', async (version) => {
  await put(join(root, 'path'), version);
  expect(await findTool(tool, modules(), env)).toBeUndefined();
});

test('a tool that cannot tell its version is never taken from PATH', async () => {
  await put(join(root, 'path'), '3.6.8');
  const { versionText: _unused, ...silent } = tool;
  expect(await findTool(silent, modules(), env)).toBeUndefined();
});

test('a variable that points at nothing is refused, not passed over', async () => {
  const pointed = findTool(tool, modules(), { ...env, REARFLOW_TOOL_ETCD: join(root, 'none') });
  await expect(pointed).rejects.toMatchObject({ code: 'ToolMissing', field: 'REARFLOW_TOOL_ETCD' });
});

test('the cache folder changes with dependencies and flags', async () => {
  const before = await toolFolder(tool, modules(), env);
  expect(await toolFolder({ ...tool, ldflags: '-X a=b' }, modules(), env)).not.toBe(before);
  await writeFile(join(modules(), 'etcd', 'go.sum'), 'other sum');
  expect(await toolFolder(tool, modules(), env)).not.toBe(before);
});

test('variables are named after the tool', () => {
  expect(toolVariable({ ...tool, name: 'kube-controller-manager' })).toBe('REARFLOW_TOOL_KUBE_CONTROLLER_MANAGER');
});
