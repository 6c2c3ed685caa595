import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fuzzAnswers } from '../fuzz/answers.ts';
import { told } from '../fuzz/finding.ts';
import { buyerOfIntents, fuzzIntents } from '../fuzz/intents.ts';
import { SimulatedWorld } from '../../harness/simulator/world.ts';

/*
 * What there is time for of `npm run fuzz`: answers of sellers that are made from honest ones and then spoilt, to the
 * real client and activities, and to whole intents.
 */

const seed = 15;
const options = { seed, say: () => undefined };
const again = (number: number): string =>
  `npm run fuzz -- --seed ${String(seed)} --requests 0 --only ${String(number)}`;
let world: SimulatedWorld;

beforeAll(async () => {
  world = await SimulatedWorld.start([buyerOfIntents], 2);
}, 90_000);

afterAll(() => world?.stop(), 60_000);

test("a hostile seller's answers: the buyer knows how to go on from each, finds honest sellers, and leaves nothing", async () => {
  const { findings, heard } = await fuzzAnswers(world.servers.buyers, { ...options, answers: 300 });
  expect(findings.map((each) => told(each, again))).toEqual([]);
  expect(heard).toBe(300);
});

test('intents beside a cheap seller that lies: an honest one serves each, and nothing is left', async () => {
  const { findings, heard } = await fuzzIntents(world, { ...options, intents: 3 });
  expect(findings.map((each) => told(each, again))).toEqual([]);
  expect(heard).toBeGreaterThan(3);
}, 240_000);
