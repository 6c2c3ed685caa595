import { expect, test } from '@jest/globals';
import { KubeError } from './cluster.ts';
import { isFinal } from './final.ts';

const answer = (status: number, message = ''): boolean => isFinal(new KubeError(status, 'Reason', message));

test.each([400, 405, 413, 422])('%s is final', (status) => expect(answer(status)).toBe(true));

test.each([401, 408, 409, 425, 429, 500, 502, 503, 504])('%s may become a success', (status) =>
  expect(answer(status)).toBe(false),
);

test('403 is final when a policy denies, and not when rights or other objects are missing', () => {
  expect(answer(403, 'pods "a" is forbidden: violates PodSecurity "baseline:latest": privileged')).toBe(true);
  expect(answer(403, "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no")).toBe(true);
  expect(answer(403, 'User "turin" cannot create resource "secrets"')).toBe(false);
  expect(answer(403, 'exceeded quota: pods')).toBe(false);
});

test('404 is final for a kind that the server does not know, and not for an object', () => {
  expect(answer(404, 'the server could not find the requested resource')).toBe(true);
  expect(answer(404, '404 page not found')).toBe(true);
  expect(answer(404, 'namespaces "web" not found')).toBe(false);
});

test('what is no answer of an API server is not final', () => {
  expect(isFinal(new Error('422'))).toBe(false);
  expect(isFinal('final')).toBe(false);
});
