import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';

import type { EgressPolicy } from '@casewire/egress';
import { buildConnector, type Agent } from 'undici';
import { expect } from 'vitest';

import { send, type SendResult } from '../src/engine/dispatch/sender.ts';
import { guardedAgent, resolveAll, type Resolve } from '../src/engine/egress/guarded-agent.ts';
import { certificate } from './certificates.ts';

/** Who signs the certificates that a guard of these tests trusts. */
export const authority = certificate({});
export const nothing: EgressPolicy = { allow: [], plainHttp: false };
export const loopback: EgressPolicy = { allow: ['127.0.0.0/8'], plainHttp: true };

/** Every name is there. */
export const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses;

export const blocked = {
  status: null,
  error: expect.stringMatching(/^EGRESS_BLOCKED: /) as string,
};
export const delivered = { status: 204, error: null };

export const post = (url: string, dispatcher: Agent): Promise<SendResult> =>
  send({ url, headers: {}, body: Buffer.from('{}'), timeoutMs: 5_000, dispatcher });

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Guards, and what they might connect to, until it is closed. */
export class EgressEnvironment {
  private readonly open: (() => unknown)[] = [];

  agent(
    policy: EgressPolicy,
    resolve: Resolve = resolveAll,
    tls: object = {},
    connector?: typeof buildConnector,
  ): Agent {
    const made = guardedAgent(policy, resolve, { ca: authority.cert, ...tls }, connector);
    this.until(() => made.destroy());
    return made;
  }

  /** To be done at the end. */
  until(close: () => unknown): void {
    this.open.push(close);
  }

  async listening<S extends Server>(server: S, where: string | number = 0): Promise<S> {
    const connections: { destroy(): void }[] = [];
    server.on('connection', (socket: { destroy(): void }) => connections.push(socket));
    if (typeof where === 'string') server.listen(where);
    else server.listen(where, '127.0.0.1');
    await once(server, 'listening');
    this.until(() => {
      for (const socket of connections) socket.destroy();
      server.close();
    });
    return server;
  }

  async http(): Promise<{
    server: HttpServer;
    port: number;
    paths: string[];
    connections: number[];
  }> {
    const paths: string[] = [];
    const connections: number[] = [];
    const server = createHttpServer((request, response) => {
      paths.push(request.url!);
      request.resume().on('end', () => response.writeHead(204).end());
    });
    server.on('connection', ({ remotePort }) => connections.push(remotePort!));
    await this.listening(server);
    return { server, port: portOf(server), paths, connections };
  }

  /** @returns its port */
  async https(options: ServerOptions): Promise<number> {
    const server = createHttpsServer(options, (request, response) => {
      request.resume().on('end', () => response.writeHead(204).end());
    });
    return portOf(await this.listening(server));
  }

  async close(): Promise<void> {
    for (const close of this.open.splice(0)) await close();
  }
}
