import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../../../scripts/ensure-installed.js', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rearflow-install-'));
  mkdirSync(join(folder, 'scripts'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(script, join(folder, 'scripts', 'ensure-installed.js'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  const npm = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/calls"\necho "sha512 integrity checksum failed" >&2\nexit 1\n';
  writeFileSync(join(folder, 'bin', 'npm'), npm, { mode: 0o755 });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a package that does not match the lock file is not installed some other way', () => {
  const env = { ...process.env, PATH: [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter) };
  const run = spawnSync(process.execPath, [join(folder, 'scripts', 'ensure-installed.js')], { env, encoding: 'utf8' });
  const calls = readFileSync(join(folder, 'bin', 'calls'), 'utf8')
    .trim()
    .split('\n');
  expect(run.status).toBe(2);
  expect(run.stderr).toContain('sha512 integrity checksum failed');
  expect(calls.map((each) => each.split(' ')[0])).toEqual(['ci']);
});
