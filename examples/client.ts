// States an intent, follows it, prints the receipt: rearflow stack up, then run this with the package's Node.
import { RearflowClient } from '../src/client.ts';

const client = await RearflowClient.connect(); // TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where
const workload = { kind: 'deployment', image: 'nginx:1.27', replicas: 2 } as const;
await client.start({ name: 'greeting', resources: { cpu: '1', memory: '2Gi' }, term: '15s', workload });
for await (const { phase, waitingFor } of client.watch('greeting')) console.log(phase, waitingFor);
const { outcome, objects } = await client.result('greeting');
console.log(outcome, `${objects.length} objects created, ${objects.filter(({ gone }) => gone).length} gone`);
await client.close();
