import { Command } from 'commander';
import { fail } from './fail.ts';
import { version } from './version.ts';

/**
 * A program whose usage errors exit with 2 and say where help is. Commands that are added to it take that over, so it comes
 * first.
 */
export function createProgram(name: string, says: string): Command {
  return new Command(name)
    .description(says)
    .version(version, '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    })
    .configureOutput({
      outputError: (text, write) => write(`${text.trimEnd()}\nSee \`${name} --help\`, or --help after a command.\n`),
    });
}

/** Runs a program to its end: any error but one of usage exits with the exit code of that error. */
export async function main(program: Command): Promise<void> {
  // `rearflow list | head` closes the pipe: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await program.parseAsync();
  } catch (error) {
    fail(error);
  }
}
