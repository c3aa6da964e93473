import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Path prefix -> base URL of the service that answers there. */
export type Routes = Readonly<Record<string, string>>;

export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** Puts all services on one origin: each request is passed on, as it is, to the service that owns its path. */
export async function startGateway(
  routes: Routes,
  port: number,
  home: () => string,
): Promise<Gateway> {
  const server = createServer((incoming, outgoing) => {
    const [path = '/'] = (incoming.url ?? '/').split('?');
    const prefix = Object.keys(routes).find((one) => path === one || path.startsWith(`${one}/`));
    if (prefix) return pass(routes[prefix]!, incoming, outgoing);
    if (path !== '/') return answer(outgoing, 404, 'application/problem+json', notFound);
    return answer(outgoing, 200, 'text/plain; charset=utf-8', home());
  });
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function pass(base: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const target = new URL(incoming.url ?? '/', base);
  const request = forward(
    target,
    { method: incoming.method, headers: incoming.headers },
    (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    },
  );
  request.once('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else answer(outgoing, 502, 'application/problem+json', unavailable);
  });
  outgoing.once('close', () => request.destroy());
  incoming.pipe(request);
}

function answer(outgoing: ServerResponse, status: number, type: string, body: string): void {
  outgoing.writeHead(status, { 'content-type': type }).end(body);
}

const problem = (status: number, code: string, title: string) =>
  JSON.stringify({ type: 'about:blank', title, status, code, detail: title, requestId: '' });
const notFound = problem(404, 'NOT_FOUND', 'there is no such path');
const unavailable = problem(502, 'SERVICE_UNAVAILABLE', 'the service does not answer');
