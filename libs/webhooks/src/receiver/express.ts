import type { IncomingMessage, ServerResponse } from 'node:http';

import { VerificationFailed } from '../verification.ts';
import { receive, WebhookRefused, type ReceivedWebhook, type ReceiverOptions } from './receive.ts';
import { settleByResponse } from './settle-by-response.ts';

declare global {
  // Adds the field to Express's own request type, where Express's types are installed.
  namespace Express {
    interface Request {
      webhook?: ReceivedWebhook;
    }
  }
}

/** A request of Express or of Nest on Express. */
export interface WebhookRequest extends IncomingMessage {
  body?: unknown;
  rawBody?: unknown;
  webhook?: ReceivedWebhook;
}

export type WebhookMiddleware = (
  request: WebhookRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Middleware for Express: verifies the request, and sets `request.webhook` to the verified webhook and `request.body` to its
 * event. Unverified requests get 401 and duplicates 200, without the handler. It reads the raw body itself; a parser before
 * it must keep the bytes (`express.raw`, or `rawBody` set by the `verify` of `express.json`).
 */
export const expressWebhooks =
  (options: ReceiverOptions): WebhookMiddleware =>
  (request, response, next) => {
    accept(request, response, options).then(
      (accepted) => accepted && next(),
      (error: unknown) => {
        if (error instanceof WebhookRefused) respond(response, error.statusCode, error);
        else next(error);
      },
    );
  };

/**
 * Middleware for Nest on Express: `consumer.apply(nestWebhooks({ secret })).forRoutes(...)`. Nest's own parser runs first,
 * so the application must keep the bytes: `NestFactory.create(AppModule, { rawBody: true })`.
 */
export const nestWebhooks = expressWebhooks;

async function accept(
  request: WebhookRequest,
  response: ServerResponse,
  options: ReceiverOptions,
): Promise<boolean> {
  const rawBody = await rawBodyOf(request, options.maxBytes ?? 1024 * 1024);
  const result = await receive(rawBody, request.headers, options);
  if (result.duplicate) {
    respond(response, 200, { code: 'EVENT_SEEN', message: 'this event was handled before' });
    return false;
  }
  settleByResponse(response, result.settle);
  request.webhook = result.webhook;
  request.body = result.webhook.event;
  return true;
}

function respond(
  response: ServerResponse,
  status: number,
  { code, message }: { code: string; message: string },
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code, message }));
}

async function rawBodyOf(request: WebhookRequest, maxBytes: number): Promise<Uint8Array> {
  for (const kept of [request.rawBody, request.body]) {
    if (kept instanceof Uint8Array) return kept;
  }
  if (request.readableEnded || request.body !== undefined) {
    throw new VerificationFailed(
      'BODY_NOT_RAW',
      'a parser has already read the body and kept no bytes: put this middleware before it, or set rawBody',
    );
  }
  return read(request, maxBytes);
}

const read = (request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request
      .on('data', (chunk: Buffer) => {
        size += chunk.length;
        // The rest of a body that is too large is read and dropped: a sender that is still writing would miss the response.
        if (size <= maxBytes) chunks.push(chunk);
      })
      .once('end', () => {
        if (size <= maxBytes) resolve(Buffer.concat(chunks));
        else reject(new WebhookRefused('BODY_TOO_LARGE', 413, `more than ${maxBytes} bytes`));
      })
      .once('error', reject)
      .once('close', () =>
        reject(new Error('the connection closed before the end of the request')),
      );
  });
