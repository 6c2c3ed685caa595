import { addLiqo } from '../../harness/simulator/liqo/installation.ts';
import { simulateLiqo } from '../../harness/simulator/liqo/simulated-liqo.ts';
import { startServers } from '../../harness/simulator/servers.ts';
import { consumerId, liqoCases, providerId, type LiqoClusters } from './liqo-cases.ts';

async function start(): Promise<LiqoClusters> {
  const servers = await startServers([], 1);
  const { buyers, sellers } = servers;
  const [site] = sellers;
  if (!site) throw new Error('no site');
  await addLiqo(buyers.cluster, consumerId, 'liqo');
  const pair = { consumer: consumerId, provider: providerId };
  const liqo = await simulateLiqo({
    buyers: buyers.cluster,
    sellers: site.cluster,
    ca: site.ca,
    leading: true,
    pairOf: (provider) => (provider === providerId ? pair : undefined),
    pairsOfConsumer: (consumer) => (consumer === consumerId ? [pair] : []),
  });
  return {
    turin: buyers.cluster,
    milan: site.cluster,
    async stop() {
      await liqo.close();
      await servers.stop();
    },
  };
}

liqoCases(start);
