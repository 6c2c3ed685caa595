import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareEnvironment, root, traces } from './command.ts';
import { processesOf } from './processes.ts';
import { screenOf } from './screen.ts';

/** `npm run demo` on a terminal of its own, with Ctrl-C typed as soon as `when` was shown. */
async function demoUntil(when: RegExp, home: string): Promise<{ code: number; screen: string[] }> {
  const cache = process.env['REARFLOW_CACHE'] ?? join(process.env['HOME'] ?? '', '.cache', 'rearflow');
  const env = { ...bareEnvironment(home), TMPDIR: home, REARFLOW_CACHE: cache, TERM: 'xterm', SHELL: '/bin/bash' };
  const line = 'stty cols 120 rows 50; exec npm run --silent demo';
  const terminal = spawn('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    cwd: root,
    env,
  });
  let output = '';
  let typed = false;
  terminal.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (typed || !when.test(output)) return;
    typed = true;
    terminal.stdin.write('\x03');
  });
  const [code] = (await once(terminal, 'close')) as [number];
  return { code, screen: screenOf(output) };
}

test('Ctrl-C while an intent runs: the tree stays whole, everything stops, exit code 130', async () => {
  const home = await mkdtemp(join(tmpdir(), 'rearflow-interrupted-'));
  const { code, screen } = await demoUntil(/peering.*virtual node/, home);
  const text = screen.join('\n');
  expect(text).not.toMatch(traces);
  for (const phase of ['discovery', 'reservation', 'peering']) {
    expect(screen.filter((line) => new RegExp(`^\\W*${phase}\\b`).test(line))).toHaveLength(1);
  }
  expect(screen.filter((line) => line !== '').slice(-2)).toEqual([
    'stopping ...',
    'Stopped before the end; nothing keeps running.',
  ]);
  expect(code).toBe(130);
  expect(await processesOf(home)).toEqual([]);
  expect((await readdir(home)).filter((name) => name.startsWith('rearflow-'))).toEqual([]);
  await rm(home, { recursive: true });
});
