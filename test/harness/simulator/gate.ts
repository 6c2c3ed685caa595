import { connect, createServer, type Socket } from 'node:net';

/** How a connection suffers: cut at once, no byte moves until it is over, or no byte moves and then it is cut. */
export type Trouble = 'cut' | 'delayed' | 'dropped';

/** A TCP relay in front of a server, to take it off the net. */
export interface Gate {
  readonly port: number;
  /** From now on, until {@link heal}. */
  suffer(trouble: Trouble): void;
  heal(): void;
  close(): Promise<void>;
}

export async function startGate(target: { readonly host: string; readonly port: number }): Promise<Gate> {
  const sockets = new Set<Socket>();
  let trouble: Trouble | undefined;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((down) => {
    if (trouble === 'cut') return void down.destroy();
    const up = connect(target);
    for (const [socket, other] of [
      [down, up],
      [up, down],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk) => other.write(chunk));
      if (trouble !== undefined) socket.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    suffer(next) {
      trouble = next;
      if (next === 'cut') cut();
      else for (const socket of sockets) socket.pause();
    },
    heal() {
      if (trouble === 'dropped') cut();
      trouble = undefined;
      for (const socket of sockets) socket.resume();
    },
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
