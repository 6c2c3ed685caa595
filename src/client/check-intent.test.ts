import { expect, test } from '@jest/globals';
import { RearflowError } from '../platform/errors.ts';
import { checkIntent } from './check-intent.ts';

const workload = { kind: 'deployment', image: 'nginx' };
const good = { name: 'web', resources: { cpu: '2', memory: '4Gi' }, workload };

function messageOf(draft: unknown): string {
  try {
    checkIntent(draft, 'web.yaml');
  } catch (error) {
    if (error instanceof RearflowError && error.exitCode === 2) return error.message;
    throw error;
  }
  return 'accepted';
}

test('fills in the defaults', () => {
  expect(checkIntent(good)).toMatchObject({ term: '1h', objective: 'balanced', workload: { replicas: 1 } });
});

test.each<[string, unknown, RegExp]>([
  [
    'a misspelled field, though it is missing, too',
    { name: 'web', resorces: good.resources, workload },
    /^web\.yaml: resorces: .*did you mean resources\?$/,
  ],
  [
    'a misspelled inner field',
    { ...good, resources: { cpu: '2', memory: '4Gi', pod: '3' } },
    /resources\.pod: .*did you mean pods\?$/,
  ],
  [
    'a misspelled field of a kind of workload',
    { ...good, workload: { ...workload, replica: 2 } },
    /workload\.replica: .*did you mean replicas\?$/,
  ],
  ['a field like no other', { ...good, xyzzy: 1 }, /xyzzy: is no field of an intent; known here: name, resources/],
  ['a missing field', { name: 'web', workload }, /^web\.yaml: resources: is missing$/],
  ['a missing quantity', { ...good, resources: { cpu: '2' } }, /resources\.memory: is missing$/],
  [
    'a negative quantity',
    { ...good, resources: { cpu: '-2', memory: '4Gi' } },
    /resources\.cpu: must not be negative$/,
  ],
  ['a wrong type', { ...good, maxLatencyMs: 'slow' }, /maxLatencyMs: must be a number, is a string$/],
  [
    'an unknown kind',
    { ...good, workload: { ...workload, kind: 'deploy' } },
    /workload\.kind: must be one of deployment, job, manifests$/,
  ],
  ['an unknown choice', { ...good, objective: 'best' }, /objective: must be one of "cheapest"/],
  [
    'more pods than asked for',
    { ...good, workload: { ...workload, replicas: 900 } },
    /^web\.yaml: resources\.\w+: is .*, but the workload's 900 pods need /,
  ],
  [
    'a workload that no row could carry',
    { ...good, workload: { ...workload, env: { BIG: 'x'.repeat(50_000) } } },
    /^web\.yaml: workload: must not have more than 49152 bytes as JSON$/,
  ],
  ['a list instead of an intent', [], /^web\.yaml: the intent must be an object, is an array$/],
  ['nothing', null, /^web\.yaml: the intent must be an object, is null$/],
])('names %s', (_what, draft, message) => {
  expect(messageOf(draft)).toMatch(message);
});
