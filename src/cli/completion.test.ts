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

/* Neither shell is on every machine: what they are given is held to the few forms that were tried in them by hand. */

test('fish: one `complete` per word, shown only where the word may stand', () => {
  const lines = completionScript('fish', wordsOf(program())).trim().split('\n');
  for (const line of lines.slice(1))
    expect(line).toMatch(/^complete -c rearflow -n '[\w ;-]+' (-f|-a [\w-]+|-l [\w-]+)$/);
  expect(lines).toContain(
    "complete -c rearflow -n '__fish_seen_subcommand_from stack; and not __fish_seen_subcommand_from up down' -a up",
  );
  expect(lines).toContain(
    "complete -c rearflow -n '__fish_seen_subcommand_from stack; and __fish_seen_subcommand_from up' -l name",
  );
});

test('zsh: the words of every command, and quotes and brackets that end', () => {
  const script = completionScript('zsh', wordsOf(program()));
  for (const [path, words] of [
    ['', 'list stack --help'],
    ['stack', 'up down --help'],
    ['stack up', '--name --help'],
    ['list', '--node --help'],
  ]) {
    expect(script).toContain(`    "${path ?? ''}") known=(${words ?? ''}) ;;\n`);
  }
  expect(script.match(/case /g)).toHaveLength(script.match(/esac/g)?.length ?? 0);
  expect((script.match(/"/g)?.length ?? 1) % 2).toBe(0);
});
