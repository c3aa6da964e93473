import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  receivedAt: number;
}

export type Respond = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

/** A real HTTP server that stores the requests it receives. It answers 200, or as `respond` does. */
export class WebhookReceiver {
  readonly requests: ReceivedRequest[] = [];
  respond: Respond = (_, response) => void response.writeHead(200).end();
  private readonly server = createServer(
    (request, response) => void this.receive(request, response),
  );
  private readonly waiting = new Set<() => void>();

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** Resolves when the received requests satisfy the condition; rejects at the time-out, with the received requests. */
  async until(
    condition: (requests: readonly ReceivedRequest[]) => boolean,
    timeoutMs = 30_000,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!condition(this.requests)) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        const seen = this.requests.map(
          ({ path, body }) => `${path} ${body.toString().slice(0, 200)}`,
        );
        reject(
          new Error(
            `not received within ${timeoutMs} ms; ${seen.length} were received:\n${seen.join('\n')}`,
          ),
        );
      }, timeoutMs);
      this.waiting.add(check);
      check();
    });
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the sender closed the connection
    }
    const received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
      receivedAt: Date.now(),
    };
    this.requests.push(received);
    await this.respond(received, response);
    for (const check of this.waiting) check();
  }
}
