import type { IncomingMessage, ServerResponse } from 'node:http';

import { VerificationFailed } from '../verification.ts';
import { receive, WebhookRefused, type ReceivedWebhook, type ReceiverOptions } from './receive.ts';
import { settleByResponse } from './settle-by-response.ts';

declare global {
  // Where Express's own types are in use, its requests have it too.
  namespace Express {
    interface Request {
      webhook?: ReceivedWebhook;
    }
  }
}

/** A request of Express, or of Nest on Express. */
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
 * Middleware for Express: verifies the request and puts what was received into `request.webhook`, its event into
 * `request.body`. Unverified requests are answered 401 and duplicates 200 without the handler. It reads the raw body
 * itself; a parser before it must have kept the bytes (`express.raw`, or `rawBody` set by the `verify` of `express.json`).
 */
export const expressWebhooks =
  (options: ReceiverOptions): WebhookMiddleware =>
  (request, response, next) => {
    accept(request, response, options).then(
      (accepted) => accepted && next(),
      (error: unknown) => {
        if (error instanceof WebhookRefused) answer(response, error.statusCode, error);
        else next(error);
      },
    );
  };

/**
 * Middleware for Nest on Express: `consumer.apply(nestWebhooks({ secret })).forRoutes(...)`. Nest's own parser comes
 * first, so the application has to keep the bytes: `NestFactory.create(AppModule, { rawBody: true })`.
 */
export const nestWebhooks = expressWebhooks;

async function accept(
  request: WebhookRequest,
  response: ServerResponse,
  options: ReceiverOptions,
): Promise<boolean> {
  const rawBody = await rawBodyOf(request, options.maxBytes ?? 1024 * 1024);
  const reception = await receive(rawBody, request.headers, options);
  if (reception.duplicate) {
    answer(response, 200, { code: 'EVENT_SEEN', message: 'this event was handled before' });
    return false;
  }
  settleByResponse(response, reception.settle);
  request.webhook = reception.webhook;
  request.body = reception.webhook.event;
  return true;
}

function answer(
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
      'a parser has read the body before and kept no bytes: put this middleware before it, or set rawBody',
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
        // What is too much is read and dropped, so that the answer arrives.
        if (size <= maxBytes) chunks.push(chunk);
      })
      .once('end', () => {
        if (size <= maxBytes) resolve(Buffer.concat(chunks));
        else reject(new WebhookRefused('BODY_TOO_LARGE', 413, `more than ${maxBytes} bytes`));
      })
      .once('error', reject)
      .once('close', () => reject(new Error('the request was cut off')));
  });
