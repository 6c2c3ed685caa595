import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NodeConfig } from '../platform/config.ts';
import { clientBudget } from '../platform/client-budget.ts';
import { RearflowError } from '../platform/errors.ts';

export interface TemporalAccess {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly namespace: string;
}

/**
 * Connects to Temporal: TLS, API key and profile come from Temporal's own environment configuration, address and
 * namespace from ours.
 *
 * @throws RearflowError `TemporalUnreachable`
 */
export async function connectTemporal(temporal: NodeConfig['temporal']): Promise<TemporalAccess> {
  const { connectionOptions } = loadClientConnectConfig();
  const { address, namespace } = temporal;
  try {
    const { tls, apiKey, metadata } = connectionOptions;
    const connection = await NativeConnection.connect({
      address,
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    });
    return {
      connection,
      client: new Client({ connection, namespace, interceptors: { workflow: [clientBudget] } }),
      namespace,
    };
  } catch (cause) {
    throw new RearflowError('TemporalUnreachable', `Temporal does not answer at ${address}`, { cause });
  }
}
