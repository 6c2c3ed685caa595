import { expect, test } from '@jest/globals';
import type { IntentStatus } from '../client.ts';
import { changeLines } from './changes.ts';
import { decisionLines } from './decision.ts';
import { lengthOfTime } from './length-of-time.ts';
import { phaseSums, phaseTree } from './phase-tree.ts';
import { plain } from './style.ts';
import { tableLines } from './table.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (ms: number): string => new Date(start + ms).toISOString();

const peering: IntentStatus = {
  intent: 'web',
  phase: 'peering',
  waitingFor: 'the pair with milan',
  since: at(500),
  deadline: at(10_000),
  provider: 'milan',
  contractID: 'c-1',
  phases: [
    { phase: 'intent', since: at(0), tookMs: 100 },
    { phase: 'selection', since: at(100), tookMs: 1 },
    { phase: 'reservation', since: at(101), tookMs: 200 },
    { phase: 'selection', since: at(301), tookMs: 2 },
    { phase: 'reservation', since: at(303), tookMs: 197 },
    { phase: 'peering', since: at(500) },
  ],
  pods: [],
  podCounts: {},
};
const pod = { name: 'web-1', phase: 'Running', node: 'rf-1', uid: 'u' };
const usage: IntentStatus = {
  ...peering,
  phase: 'usage',
  waitingFor: 'the end of the term',
  phases: [
    ...peering.phases.slice(0, -1),
    { phase: 'peering', since: at(500), tookMs: 1500 },
    { phase: 'usage', since: at(2000) },
  ],
  node: 'rf-1',
  pods: [pod],
  podCounts: { Running: 1 },
};

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [59_999, '59.9 s'],
  [60_000, '1 min 0 s'],
  [7_500_000, '2 h 5 min'],
  [-5, '0 ms'],
])('%d milliseconds are %s', (ms, text) => {
  expect(lengthOfTime(ms)).toBe(text);
});

test('a table pads by what is seen, and leaves no blanks at line ends', () => {
  const columns = [
    { title: 'name', cell: ([name]: readonly [string, string]) => name },
    { title: 'n', cell: ([, n]: readonly [string, string]) => n, right: true },
  ];
  const rows = [
    ['\u001b[32mab\u001b[39m', '1'],
    ['abcdef', '200'],
  ] as const;
  expect(tableLines(columns, rows, plain)).toEqual(['NAME      N', '\u001b[32mab\u001b[39m        1', 'abcdef  200']);
});

test('a phase that came again shows all its time, and is told again when it is over again', () => {
  const round = { phase: 'selection', since: at(600), tookMs: 5, earlierMs: 3 } as const;
  const again = { ...peering, phases: [...peering.phases.filter(({ phase }) => phase !== 'selection'), round] };
  expect(phaseSums(again, start + 1_500).find(({ phase }) => phase === 'selection')?.tookMs).toBe(8);
  expect(changeLines(peering, again)).toEqual(['✔ selection 5 ms']);
});

test('a phase that comes twice counts twice; one that was passed over is skipped', () => {
  const sums = phaseSums(peering, start + 1_500);
  expect(sums.map(({ phase, state, tookMs }) => `${phase} ${state} ${tookMs}`)).toEqual([
    'intent done 100',
    'discovery skipped 0',
    'selection done 3',
    'reservation done 397',
    'peering running 1000',
    'usage ahead 0',
    'teardown ahead 0',
  ]);
});

test('the tree shows what the running phase waits for, and how long that may take', () => {
  const tree = phaseTree(peering, { paint: plain, now: start + 1_500, busy: '●' });
  expect(tree[0]).toBe('web → milan');
  expect(tree).toContain('├─ ● peering         1.0 s  waiting for the pair with milan (8.5 s left)');
  expect(tree).toContain('├─ ✔ reservation    397 ms  contract c-1');
});

test('the tree shows pods below usage, and the outcome once it ended', () => {
  expect(phaseTree(usage, { paint: plain, now: start + 3_000, busy: '●' })).toContain(
    '│  └─ pod web-1 Running on rf-1',
  );
  const ended = phaseTree({ ...usage, phase: 'ended', outcome: 'Completed' }, { paint: plain, now: start, busy: '●' });
  expect(ended[0]).toBe('web → milan  Completed');
  expect(ended.join('\n')).not.toContain('waiting');
});

test('without a terminal, each change is one line, and no change is none', () => {
  expect(changeLines(undefined, peering)).toContain('… peering: waiting for the pair with milan');
  expect(changeLines(peering, usage)).toEqual([
    '✔ peering 1.5 s',
    '… usage: waiting for the end of the term',
    '  pod web-1 Running on rf-1',
  ]);
  expect(changeLines(usage, usage)).toEqual([]);
});

test('a decision names the winner, and says why the others lost', () => {
  const parts = { price: 1, latency: 0.5, location: 0.5, carbon: 0.5, rating: 0.5 };
  const lines = decisionLines(
    {
      objective: 'cheapest',
      chosen: { flavorID: 'f2', owner: 'milan' },
      eligible: [
        { flavorID: 'f1', owner: 'rome', score: 0.9, parts, cost: '1 EUR' },
        { flavorID: 'f2', owner: 'milan', score: 0.8, parts, cost: '2 EUR' },
      ],
      rejected: [{ flavorID: 'f3', owner: 'pisa', failed: 'cpu', wanted: '2', offered: '1', gap: 0.5, others: [] }],
      rejectedBy: { cpu: 1 },
      refusals: [{ flavorID: 'f1', reason: 'taken' }],
    },
    plain,
  );
  expect(lines.find((line) => line.includes('f1'))).toMatch(/refused: taken/);
  expect(lines.find((line) => line.includes('f3'))).toMatch(/cpu: asked 2, offered 1/);
  expect(lines.at(-1)).toBe('Objective cheapest: f2 of milan is the best (2 fit, 1 do not).');
});

test('of a thousand pods those that are named come first, the others are counted', () => {
  const crowd = { ...usage, podCounts: { Running: 995, Pending: 5 } };
  const tree = phaseTree(crowd, { paint: plain, now: start, busy: '●' });
  expect(tree.at(-2)).toBe('│  └─ of 1000 pods: 995 Running, 5 Pending');
});
