import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Sellers for the bench of discovery, a port each. Arguments: how many, flavors of each. Prints the ports as JSON. */
const [sellers = '1000', flavors = '100'] = process.argv.slice(2);

const flavor = (seller: number, index: number): object => ({
  flavorID: `flavor-${String(seller)}-${String(index)}`,
  providerID: `seller-${String(seller)}`,
  type: {
    name: 'k8slice',
    data: {
      charateristics: {
        architecture: 'amd64',
        cpu: `${String(4_000 + index)}m`,
        memory: '16Gi',
        pods: '110',
        gpu: { model: '', cores: '0', memory: '0' },
        storage: '100Gi',
      },
      properties: {
        latency: index % 40,
        securityStandards: ['GDPR'],
        carbonFootprint: { embodied: 7, operational: [9] },
      },
      policies: { partitionability: { cpuMin: '1', memoryMin: '1Gi', podsMin: '1', cpuStep: '1', memoryStep: '1Gi' } },
    },
  },
  price: { amount: (0.1 + ((seller * 7 + index * 13) % 997) / 1_000).toFixed(3), currency: 'EUR', period: 'hourly' },
  owner: { ID: `seller-${String(seller)}`, IP: `192.0.2.1:${String(3_000 + seller)}`, domain: 'bench' },
  location: { latitude: '45.07', longitude: '7.69', altitude: 'Italy', city: 'Turin' },
  availability: true,
});
const offers = (seller: number, count: number): object[] =>
  Array.from({ length: count }, (_, index) => flavor(seller, index));

/** What the last sellers do instead. */
const hostile: readonly ((response: ServerResponse, seller: number) => void)[] = [
  () => undefined,
  (response) => response.end(`["${'x'.repeat(3_000_000)}"]`),
  (response, seller) => response.end(JSON.stringify(offers(seller, 1_900))),
  (response, seller) => response.end(JSON.stringify(offers(seller, 100).map((each) => ({ ...each, flavorID: 'a b' })))),
  (response) => response.writeHead(200).write('['),
  (response) => response.socket?.destroy(),
];

const ports = await Promise.all(
  Array.from({ length: Number(sellers) }, async (_, seller) => {
    const honest = JSON.stringify(offers(seller, Number(flavors)));
    const bad = hostile[seller - (Number(sellers) - hostile.length)];
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      if (bad) bad(response, seller);
      else response.end(honest);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }),
);
console.log(JSON.stringify(ports));
