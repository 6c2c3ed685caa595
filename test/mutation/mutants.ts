import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A change of one line that compiles and ought to be noticed. */
export interface Mutant {
  /** Path from the root of the package. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

type Mutator = (line: string) => string;

const swap =
  (from: string, to: string): Mutator =>
  (line) =>
    line.replace(from, () => to);
const swapped = (one: string, other: string): Mutator[] => [swap(one, other), swap(other, one)];

const mutators: readonly Mutator[] = [
  ...swapped(' === ', ' !== '),
  ...swapped(' && ', ' || '),
  ...swapped(' < ', ' >= '),
  ...swapped(' > ', ' <= '),
  ...swapped(' + ', ' - '),
  ...swapped('Math.max(', 'Math.min('),
  (line) => line.replace(/\btrue\b/, 'false'),
  (line) => line.replace(/\bfalse\b/, 'true'),
  (line) => line.replace(/\bif \((?!!\()(.+)\) /, 'if (!($1)) '),
  // A statement that is only a call, or sets something that exists already, is left out.
  (line) => line.replace(/^(\s*)(?:void |await )?[\w.#?]+\(.*\);$/, '$1;'),
  (line) => line.replace(/^(\s*)(?:this\.#?|state\.|story\.)[\w.#]+ (?:\?\?|\|\|)?= .+;$/, '$1;'),
];

const uninteresting = /^\s*(?:import|export type|\/\/|\/?\*)|^\s*(?:readonly )?\w+\??: [^=]*;$|^} from |\bsummary: /;
const types = /^\s*(?:type|interface|export interface) /;

/** Every mutant of the sources in a folder, in their order. */
export function mutantsOf(root: string, folder: string): readonly Mutant[] {
  const files = globSync(`${folder}/**/*.ts`, { cwd: root, exclude: ['**/*.test.ts', '**/testing/**'] }).sort();
  return files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((before, index) => {
        if (uninteresting.test(before) || types.test(before)) return [];
        const changed = new Set(mutators.map((mutate) => mutate(before)).filter((after) => after !== before));
        return [...changed].map((after) => ({ file, line: index + 1, before, after }));
      }),
  );
}
