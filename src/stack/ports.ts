import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range that Linux hands out for outgoing connections, so that none of those can take a port we chose. */
const [lowest, highest] = [12_000, 32_000];

/** Chooses TCP ports of the loopback address that nobody uses; never the same twice. */
export class Ports {
  readonly #taken = new Set<number>();

  /** @throws RangeError when no free port is found in 500 tries */
  async next(): Promise<number> {
    for (let tries = 0; tries < 500; tries += 1) {
      const port = randomInt(lowest, highest);
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      if (await isFree(port)) return port;
    }
    throw new RangeError('no free TCP port on 127.0.0.1: end some servers and start again');
  }
}

/** @returns true when 127.0.0.1:port can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
