import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/*
 * `npm run directions`: the rooms of src in layers, the top one first, and which rooms each looks into. Fails when a file
 * looks where `.dependency-cruiser.js` does not allow it, and when rooms look into each other.
 */

interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string; readonly dependencyTypes: readonly string[] }[];
  }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string; readonly severity: string };
    }[];
  };
}

const root = fileURLToPath(new URL('..', import.meta.url));
const cruiser = `${root}node_modules/dependency-cruiser/bin/dependency-cruiser.mjs`;
const args = [cruiser, 'src', '--config', '.dependency-cruiser.js', '--output-type', 'json'];
const { modules, summary } = JSON.parse(
  execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }),
) as Cruise;

const imported = new Set(modules.flatMap(({ dependencies }) => dependencies.map(({ resolved }) => resolved)));

/** A folder of src with the file beside it that is its face; a file that nobody imports is an entry point of its own. */
function roomOf(file: string): string | undefined {
  const name = /^src\/([^/]+)/.exec(file)?.[1];
  return imported.has(file) ? name?.replace('.ts', '') : name;
}

/** Rooms that each room looks into; true when it is for types only. */
const arrows = new Map<string, Map<string, boolean>>();
for (const { source, dependencies } of modules) {
  const from = roomOf(source);
  if (from === undefined || source.endsWith('.test.ts')) continue;
  const into = arrows.get(from) ?? new Map<string, boolean>();
  arrows.set(from, into);
  for (const { resolved, dependencyTypes } of dependencies) {
    const to = roomOf(resolved);
    if (to === undefined || to === from) continue;
    into.set(to, (into.get(to) ?? true) && dependencyTypes.includes('type-only'));
  }
}

const layers = new Map<string, number>();
/** @throws Error when rooms look into each other */
function layerOf(room: string, above: readonly string[] = []): number {
  if (above.includes(room))
    throw new Error(`a circle of rooms: ${[...above.slice(above.indexOf(room)), room].join(' → ')}`);
  const known = layers.get(room);
  if (known !== undefined) return known;
  const below = [...(arrows.get(room)?.keys() ?? [])].map((each) => layerOf(each, [...above, room]));
  const layer = Math.max(-1, ...below) + 1;
  layers.set(room, layer);
  return layer;
}

const problems = summary.violations
  .filter(({ rule }) => rule.severity === 'error')
  .map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
try {
  const rooms = [...arrows.keys()].sort().sort((a, b) => layerOf(b) - layerOf(a));
  if (!process.argv.includes('--quiet')) print(rooms);
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error));
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function print(rooms: readonly string[]): void {
  const width = Math.max(...rooms.map(({ length }) => length));
  for (const [index, room] of rooms.entries()) {
    const layer = layerOf(room);
    const number = index > 0 && layerOf(rooms[index - 1] ?? '') === layer ? '' : String(layer);
    const into = [...(arrows.get(room) ?? [])]
      .sort(([a], [b]) => layerOf(b) - layerOf(a) || a.localeCompare(b))
      .map(([to, typesOnly]) => (typesOnly ? `${to}*` : to));
    console.log(
      `${number.padStart(3)}  ${room.padEnd(width)}  ${into.length === 0 ? '' : `→ ${into.join(' ')}`}`.trimEnd(),
    );
  }
  console.log('\n* types only');
}
