import type { Command } from 'commander';
import { fail } from './fail.ts';
import { version } from './version.ts';

/** Runs a program to its end: usage errors exit with 2, any other with the exit code of its error. */
export async function main(program: Command): Promise<void> {
  program
    .version(version, '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    })
    .configureOutput({
      outputError: (text, write) =>
        write(`${text.trimEnd()}\nSee \`${program.name()} --help\`, or --help after a command.\n`),
    });
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
