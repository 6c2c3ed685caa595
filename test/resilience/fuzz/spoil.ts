import type { Chance } from '../soak/chance.ts';
import { evilKeys, evilText } from './texts.ts';

type Branch = Record<string, unknown> | unknown[];

const isBranch = (value: unknown): value is Branch => typeof value === 'object' && value !== null;

/**
 * Changes some places of a JSON value.
 *
 * @param rounds how many
 * @returns a new value; the given one stays as it is
 */
export function spoilValue(value: unknown, chance: Chance, rounds: number): unknown {
  let spoilt: unknown = structuredClone(value);
  for (let round = 0; round < rounds; round += 1) {
    const places = branches(spoilt);
    if (places.length === 0 || chance.happens(0.03)) spoilt = evilValue(chance);
    else change(chance.among(places), chance);
  }
  return spoilt;
}

/** Every object and list of a value, the value itself included. */
function branches(value: unknown): readonly Branch[] {
  return isBranch(value) ? [value, ...Object.values(value).flatMap(branches)] : [];
}

function change(branch: Branch, chance: Chance): void {
  const keys = Object.keys(branch);
  const place = branch as Record<string, unknown>;
  if (keys.length === 0 || chance.happens(0.1)) return add(place, chance.among(evilKeys), evilValue(chance));
  const key = chance.among(keys);
  switch (chance.one(['drop', 'evil', 'evil', 'evil', 'retype', 'wrap', 'copy', 'many'])) {
    case 'drop':
      delete place[key];
      break;
    case 'evil':
      place[key] = typeof place[key] === 'string' && chance.happens(0.8) ? chance.among(evilText) : evilValue(chance);
      break;
    case 'retype':
      place[key] = retyped(place[key]);
      break;
    case 'wrap':
      place[key] = chance.happens(0.5) ? [place[key]] : { [key]: place[key] };
      break;
    case 'copy':
      place[chance.among(keys)] = structuredClone(place[key]);
      break;
    case 'many':
      for (let more = 0; more < 300; more += 1) add(place, `more-${String(more)}`, more);
      break;
  }
}

/** `__proto__` becomes a key like any other; a list gets one more item. */
function add(place: Record<string, unknown>, key: string, value: unknown): void {
  if (Array.isArray(place)) return void place.push(value);
  Object.defineProperty(place, key, { value, enumerable: true, configurable: true, writable: true });
}

function retyped(value: unknown): unknown {
  if (typeof value === 'string') return Number.isNaN(Number(value)) ? value.length : Number(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value) ?? null;
}

/** Anything that JSON can express and nobody expects. */
export function evilValue(chance: Chance): unknown {
  switch (chance.one(['text', 'text', 'number', 'constant', 'deep', 'long list', 'many keys', 'long text'])) {
    case 'text':
      return chance.among(evilText);
    case 'number':
      return chance.among([0, -1, 1.5, 1e308, -1e-308, 2 ** 53, -(2 ** 63), 4_294_967_296]);
    case 'constant':
      return chance.among([null, true, false, [], {}, [null], [[]], { name: null }]);
    case 'deep':
      return nested(chance.among([10, 63, 64, 65, 500]), chance.happens(0.5));
    case 'long list':
      return Array.from({ length: chance.among([65, 1_025, 5_000]) }, () => 0);
    case 'many keys':
      return Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${String(index)}`, index]));
    case 'long text':
      return 'z'.repeat(chance.among([254, 1_025, 4_097, 33_000, 200_000]));
  }
}

function nested(depth: number, list: boolean): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level += 1) value = list ? [value] : { a: value };
  return value;
}

/** JSON text that is damaged, or says a thing twice. */
export function spoilText(text: string, chance: Chance): string | Buffer {
  const at = chance.int(text.length);
  switch (chance.one(['cut', 'twice', 'rest', 'bom', 'not utf-8', 'not json', 'swap', 'proto', 'huge', 'empty'])) {
    case 'cut':
      return text.slice(0, at);
    case 'twice':
      return text.replace(/^\{("(?:[^"\\]|\\.)*"):/, (start, key: string) => `{${key}:1,${start.slice(1)}`);
    case 'rest':
      return `${text}${chance.among(['}', ',', ' {}', '\n\n', '\0', ' x'])}`;
    case 'bom':
      return `\ufeff${text}`;
    case 'not utf-8':
      return Buffer.concat([
        Buffer.from(text.slice(0, at)),
        Buffer.from([0xff, 0xc0, 0x80]),
        Buffer.from(text.slice(at)),
      ]);
    case 'not json':
      return chance.among([
        'NaN',
        '{a:1}',
        "{'a':1}",
        '<a/>',
        'a=b',
        '1',
        'null',
        '"text"',
        '[',
        '{"a":1e}',
        '\\u0000',
      ]);
    case 'swap':
      return `${text.slice(0, at)}${String.fromCharCode(chance.int(0x7f))}${text.slice(at + 1)}`;
    case 'proto':
      return text.replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},');
    case 'huge':
      return text.replace('{', `{"pad":"${'p'.repeat(chance.among([100_000, 262_145, 1_200_000]))}",`);
    case 'empty':
      return '';
  }
}
