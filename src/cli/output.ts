import { Option } from 'commander';
import { stringify } from 'yaml';
import { painterFor, type Paint } from '../view/style.ts';

export type Format = 'table' | 'yaml' | 'json';

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print the result')
    .choices(['table', 'yaml', 'json'])
    .default('table');
}

/** Prints a result: for programs as it is, for people as lines. */
export function print(format: Format, value: unknown, lines: (paint: Paint) => readonly string[]): void {
  const out = process.stdout;
  if (format === 'json') out.write(`${JSON.stringify(value, null, 2)}\n`);
  else if (format === 'yaml') out.write(stringify(value, { aliasDuplicateObjects: false }));
  else
    out.write(
      lines(painterFor(out))
        .map((line) => `${line}\n`)
        .join(''),
    );
}
