import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { generateSigningKey, loadSigningKeys } from '../../../src/signing/keys.ts';
import { anyAddress } from '../../../src/platform/address-guard.ts';
import { createRearClient } from '../../../src/rear/client.ts';
import { createGateway } from '../../../src/rear/server.ts';
import { createLedgerMarket } from '../../../src/rear/testing/ledger-market.ts';

test.each([
  ['long', 'because '.repeat(400)],
  ['full of control characters', 'it\r\nis\u0000over'],
  ['cut through a character', `${'x'.repeat(1_023)}🦊`],
])('a contract ends although the reason that a person gave is %s', async (_, reason) => {
  const keys = await loadSigningKeys(await generateSigningKey());
  const ledger = createLedgerMarket(keys);
  const heard: string[] = [];
  const market = {
    ...ledger.market,
    endContract: (_contract: string, said: string) => {
      heard.push(said);
      return Promise.resolve({ ok: true } as const);
    },
  };
  const gateway = createGateway({ ...ledger, market, keys, logger: pino({ level: 'silent' }) });
  const address = new URL(await gateway.listen({ host: '127.0.0.1', port: 0 })).host;
  const client = createRearClient({ addresses: anyAddress, timeoutMs: 5_000 });
  try {
    expect(await client.endContract(address, 'c-1', { reason })).toMatchObject({ ok: true });
    const query = new URLSearchParams({ reason: reason.replaceAll('\u0000', '') }).toString();
    const plain = await gateway.inject({ method: 'DELETE', url: `/api/v2/contracts/c-1?${query}` });
    expect(plain.statusCode).toBe(202);
    for (const said of heard) expect(said.length).toBeLessThanOrEqual(1_024);
    expect(heard).toHaveLength(2);
  } finally {
    await client.close();
    await gateway.close();
  }
});
