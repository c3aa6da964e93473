import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import express from 'express';
import { Webhook } from 'standardwebhooks';

export interface ReceivedEvent {
  eventName: string;
  caseId: string;
  uploadId: string | null;
  webhookId: string;
  sequence: number;
  previousId: string | null;
  signed: boolean;
}

/** A partner's endpoint: an Express app that verifies each request with the public `standardwebhooks` library. */
export class Receiver {
  readonly events: ReceivedEvent[] = [];
  private server: Server | undefined;
  private webhook: Webhook | undefined;

  constructor(private readonly onEvent: (event: ReceivedEvent) => void) {}

  async start(): Promise<string> {
    const app = express();
    app.post('/casewire', express.raw({ type: 'application/json' }), (request, response) => {
      const body = request.body as Buffer;
      const event = this.read(body.toString(), request.headers as Record<string, string>);
      this.events.push(event);
      response.sendStatus(event.signed ? 200 : 401);
      this.onEvent(event);
    });
    this.server = app.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/casewire`;
  }

  /** Verifies all later requests with the secret of the endpoint. */
  expect(secret: string): void {
    this.webhook = new Webhook(secret);
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private read(body: string, headers: Record<string, string>): ReceivedEvent {
    const { eventName, payload } = JSON.parse(body) as {
      eventName: string;
      payload: { caseId: string; uploadId?: string };
    };
    return {
      eventName,
      caseId: payload.caseId,
      uploadId: headers['casewire-upload-id'] ?? null,
      webhookId: headers['webhook-id'] ?? '',
      sequence: Number(headers['webhook-sequence']),
      previousId: headers['webhook-previous-id'] ?? null,
      signed: this.isSigned(body, headers),
    };
  }

  private isSigned(body: string, headers: Record<string, string>): boolean {
    try {
      this.webhook?.verify(body, headers);
      return this.webhook !== undefined;
    } catch {
      return false;
    }
  }
}
