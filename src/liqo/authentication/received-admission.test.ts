import { expect, test } from '@jest/globals';
import type { AddressRules } from '../../platform/address-guard.ts';
import { receivedAdmission } from './received-admission.ts';
import { receivedEndpoint } from '../received-endpoint.ts';

const rules: AddressRules = { any: false, known: [], ranges: ['10.20.0.0/16'] };
const leadsTo =
  (...addresses: readonly string[]) =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address })));
const publicOne = '93.184.215.14';

const admitted = (apiServer: string, addresses: readonly string[] = [publicOne]) =>
  receivedAdmission(
    { tenantNamespace: 'liqo-tenant-turin', authParams: { signedCRT: 'Y2VydA==', apiServer } },
    rules,
    leadsTo(...addresses),
  );

test.each([
  ['the own machine', ['127.0.0.1']],
  ['the metadata of a cloud beside a public address', [publicOne, '169.254.169.254']],
  ['a Service of the cluster', ['10.96.0.1']],
  ['a private IPv6 address', ['fd00:ec2::254']],
  ['nothing', []],
])('an API server for Liqo whose public name leads to %s is refused', async (_, addresses) => {
  await expect(admitted('https://api.seller.example:6443', addresses)).rejects.toMatchObject({
    code: 'InvalidRequest',
    message: expect.stringMatching(/authParams\.apiServer: (leads to|has no address)/) as unknown,
  });
});

test.each([
  ['https://api.seller.example:6443', [publicOne, '10.20.0.7']],
  [`https://${publicOne}:6443`, []],
  ['https://10.20.1.1:6443', []],
])('an API server for Liqo at %s is taken as it is written', async (apiServer, addresses) => {
  expect((await admitted(apiServer, addresses)).authParams.apiServer).toBe(apiServer);
});

test('a resolver that does not answer now is no refusal', async () => {
  const admission = { tenantNamespace: 'n', authParams: { signedCRT: 'Y2VydA==', apiServer: 'https://api.example' } };
  const silent = () => Promise.reject(Object.assign(new Error('EAI_AGAIN'), { code: 'EAI_AGAIN' }));
  await expect(receivedAdmission(admission, rules, silent)).rejects.toThrow('EAI_AGAIN');
});

test('Liqo looks for the other end of a tunnel only where a message may lead', async () => {
  const addresses = [
    '169.254.169.254',
    publicOne,
    'gw.example',
    'fd00::1',
    '10.20.0.7',
    'a@b',
    'a/b',
    '',
    '127.1',
    '93.184.215.14:1',
  ];
  const endpoint = { addresses, port: 51_840 };
  expect(await receivedEndpoint(endpoint, rules, leadsTo('10.96.0.1'))).toEqual({
    addresses: [publicOne, '10.20.0.7'],
    port: 51_840,
  });
  const inner = { addresses: ['127.0.0.1'], port: 53 };
  await expect(receivedEndpoint(inner, rules)).rejects.toThrow('leads to 127.0.0.1');
});
