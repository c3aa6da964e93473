import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A collector that receives traces over OTLP/HTTP with protobuf bodies (OTLP specification, "OTLP/HTTP"). */
export class TraceCollector {
  private readonly bodies: Buffer[] = [];
  private readonly waiting: ServerResponse[] = [];
  private isPaused = false;
  private received = Promise.withResolvers<void>();
  private readonly server = createServer(
    (request, response) => void this.receive(request, response),
  );

  /** Starts the collector on a free port. */
  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** The value for OTEL_EXPORTER_OTLP_ENDPOINT. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whether a span with this name was received and acknowledged. Protobuf keeps a string as its UTF-8 bytes. */
  hasSpan(name: string): boolean {
    return this.bodies.some((body) => body.includes(name));
  }

  /** Requests are received and not answered until `resume`. */
  pause(): void {
    this.isPaused = true;
    this.received = Promise.withResolvers();
  }

  /** Resolves when the first request since `pause` is received. */
  get nextRequest(): Promise<void> {
    return this.received.promise;
  }

  resume(): void {
    this.isPaused = false;
    for (const response of this.waiting.splice(0)) response.writeHead(200).end();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== '/v1/traces') {
      response.writeHead(404).end();
      return;
    }
    this.bodies.push(Buffer.concat(chunks));
    this.received.resolve();
    if (this.isPaused) this.waiting.push(response);
    else response.writeHead(200).end();
  }
}
