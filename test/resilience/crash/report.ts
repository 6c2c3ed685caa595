import type { CellResult } from './cell.ts';
import { failed } from './matrix.ts';

/** A cell as a person reads it. @param verbose with every point it passed and when */
export function lines(cell: CellResult, verbose: boolean): string[] {
  const { path, point = '', reached, outcome, ms, problems, leaks, points, times } = cell;
  const mark = failed(cell) ? 'FAILED' : reached ? 'ok' : 'not reached';
  const passed = points.map((each, index) => `${String(times[index]).padStart(8)} ${each}`);
  return [
    `${mark.padEnd(11)} ${path.padEnd(44)} ${point.padEnd(28)} ${outcome.padEnd(13)} ${String(ms)} ms`,
    ...(verbose ? passed : []),
    ...[...problems, ...leaks.map((leak) => `left: ${leak}`)].map((text) => `            ${text}`),
  ];
}
