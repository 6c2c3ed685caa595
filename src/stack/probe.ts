import { connect } from 'node:net';
import { Agent, request } from 'undici';

/** Asks a server that is coming up whether it is ready; never throws. */
export type Probe = () => Promise<boolean>;

const timeoutMs = 2_000;

/** Ready = HTTP 200. @param ca PEM; without it the certificate of this loopback server is not checked. */
export function httpProbe(url: string, ca?: string): Probe {
  return async () => {
    // A new connection each time: a probe must not be answered by the connection of a server that is gone.
    const tls = ca === undefined ? { rejectUnauthorized: false } : { ca };
    const dispatcher = new Agent({ connect: { ...tls, timeout: timeoutMs } });
    try {
      const answer = await request(url, { dispatcher, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
      await answer.body.dump();
      return answer.statusCode === 200;
    } catch {
      return false;
    } finally {
      await dispatcher.destroy();
    }
  };
}

/** Ready = something accepts connections on 127.0.0.1:port. */
export function tcpProbe(port: number): Probe {
  return async () =>
    new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', timeout: timeoutMs });
      const end = (answer: boolean): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.once('connect', () => end(true));
      socket.once('error', () => end(false));
      socket.once('timeout', () => end(false));
    });
}
