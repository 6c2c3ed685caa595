import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * Sends bytes to a gateway as they are.
 *
 * @param drip written again and again, once a second, after the first bytes
 * @returns what came back until the gateway hung up
 */
export async function sendRaw(base: string, bytes: string, drip?: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  // A gateway that has heard enough resets the connection.
  socket.on('error', () => undefined);
  socket.write(bytes);
  const timer = drip === undefined ? undefined : setInterval(() => socket.write(drip), 1_000);
  await closed;
  clearInterval(timer);
  return answer;
}

/** Resident memory of a process, MiB. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
