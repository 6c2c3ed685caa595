import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { completionScript, wordsOf } from './completion.ts';

function program(): Command {
  const rearflow = new Command('rearflow').description('example');
  rearflow.command('list').option('--node <name>');
  const stack = rearflow.command('stack');
  stack.command('up').option('--name <name>');
  stack.command('down');
  return rearflow;
}

function complete(...line: string[]): string[] {
  const script = `${completionScript('bash', wordsOf(program()))}
COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}; cd /; _rearflow; echo "\${COMPREPLY[@]}"`;
  const run = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  return run.stdout.trim().split(' ').filter(Boolean);
}

test('bash completes commands, their subcommands and options', () => {
  expect(complete('rearflow', 'li')).toEqual(['list']);
  expect(complete('rearflow', 'stack', 'd')).toContain('down');
  expect(complete('rearflow', 'stack', 'up', '--n')).toEqual(['--name']);
  expect(complete('rearflow', 'list', '--n')).toEqual(['--node']);
});

test('fish and zsh scripts name every command', () => {
  for (const shell of ['fish', 'zsh'] as const) {
    const script = completionScript(shell, wordsOf(program()));
    for (const word of ['list', 'stack', 'up', 'down']) expect(script).toContain(word);
  }
});
