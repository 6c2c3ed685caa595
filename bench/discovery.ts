import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { askSellers } from '../src/activities/intent/discovery.ts';
import { anyAddress } from '../src/platform/address-guard.ts';
import { createRearClient } from '../src/rear/client.ts';
import { ResourceRequest } from '../src/schemas/request.ts';

/** What one search has, by the configuration's defaults. */
const listDeadlineMs = 2_000;
const fanOut = 50;
const sellers = 1_000;
const flavors = 100;
/** As long as an activity searches at most. */
const deadlineMs = 40_000;

/**
 * A search among 1,000 sellers with 100 flavors each, six of them hostile: how long it takes, and how long it keeps the
 * process from doing anything else.
 */
export async function benchDiscovery({ json }: { json: boolean }): Promise<object> {
  const file = fileURLToPath(new URL('discovery-sellers.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, `${sellers}`, `${flavors}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const rear = createRearClient({ addresses: anyAddress, timeoutMs: listDeadlineMs });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const endpoints = (JSON.parse(line) as number[]).map((port) => `127.0.0.1:${String(port)}`);
    const request = ResourceRequest.parse({
      resources: { cpu: '2', memory: '4Gi' },
      maxPrice: { amount: '0.50', currency: 'EUR' },
      objective: 'cheapest',
      termMs: 3_600_000,
    });
    const self = { nodeID: 'buyer', liqoID: 'buyer', domain: 'bench', address: '127.0.0.1:1' };
    const delays = monitorEventLoopDelay({ resolution: 5 });
    delays.enable();
    const since = performance.now();
    const signal = AbortSignal.timeout(deadlineMs);
    const found = await askSellers(
      { self, rear, listDeadlineMs, fanOut },
      { request, endpoints, signal, alive: () => undefined },
    );
    const seconds = Math.round(performance.now() - since) / 1_000;
    delays.disable();
    const offering = new Set(found.candidates.map(({ endpoint }) => endpoint)).size;
    const result = {
      ...{
        sellers,
        flavors,
        asked: found.asked,
        answered: found.answered,
        candidates: found.candidates.length,
        offering,
      },
      ...{ seconds, deadlineSeconds: deadlineMs / 1_000, longestBlockMs: Math.round(delays.max / 1e6) },
    };
    if (!json) console.table(result);
    return { discovery: result };
  } finally {
    child.kill();
    await rear.close();
  }
}
