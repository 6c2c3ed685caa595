import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './style.ts';

export interface Column<Row> {
  readonly title: string;
  /** Text of a cell, possibly coloured. */
  readonly cell: (row: Row) => string;
  /** Numbers stand right. */
  readonly right?: boolean;
}

const width = (text: string): number => stripVTControlCharacters(text).length;

/** A table as lines: titles, then a line per row; columns two blanks apart, no blanks at line ends. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Paint): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const titles = columns.map(({ title }) => paint('quiet', title.toUpperCase()));
  const widths = columns.map((_column, index) =>
    Math.max(...[titles, ...cells].map((line) => width(line[index] ?? ''))),
  );
  return [titles, ...cells].map((line) =>
    line
      .map((text, index) => {
        const blanks = ' '.repeat((widths[index] ?? 0) - width(text));
        return columns[index]?.right === true ? blanks + text : text + blanks;
      })
      .join('  ')
      .trimEnd(),
  );
}
