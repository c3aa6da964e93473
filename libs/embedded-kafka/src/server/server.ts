import { once } from 'node:events';
import { createServer, type Server as TcpServer, type Socket } from 'node:net';

import { Connection, type ConnectionSettings } from './connection.ts';

/** Clients that do not read their last responses are disconnected after this time, in milliseconds. */
const FINISH_TIMEOUT = 2000;

/** The TCP server of the broker. */
export class Server {
  private readonly connections = new Set<Connection>();
  private readonly listener: TcpServer;

  constructor(settings: ConnectionSettings) {
    this.listener = createServer((socket: Socket) => {
      const connection = new Connection(socket, settings);
      this.connections.add(connection);
      void connection.closed.then(() => this.connections.delete(connection));
    });
  }

  /** Starts to listen. Resolves with the port; with `port` 0 the system chooses it. */
  async listen(host: string, port: number): Promise<number> {
    this.listener.listen({ host, port });
    await once(this.listener, 'listening');
    const address = this.listener.address();
    if (address === null || typeof address === 'string') throw new Error('Not listening on TCP');
    return address.port;
  }

  /** Accepts no more connections and requests, responds to the pending ones, and closes every socket. `wake` must end long waits. */
  async stop(wake: () => void): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.listener.close(() => resolve());
    });
    const connections = [...this.connections];
    const finished = connections.map((connection) => connection.finish());
    wake();
    const cutOff = setTimeout(() => {
      for (const connection of connections) connection.destroy();
    }, FINISH_TIMEOUT);
    await Promise.all(finished);
    clearTimeout(cutOff);
    await closed;
  }
}
