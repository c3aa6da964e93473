import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

import { receive, WebhookRefused, type ReceivedWebhook, type ReceiverOptions } from './receive.ts';
import { settleByResponse } from './settle-by-response.ts';

/** The part of a Fastify instance that is used here. */
export interface FastifyScope {
  addContentTypeParser(
    contentType: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parser: (request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => void,
  ): unknown;
  decorateRequest(name: string, value: null): unknown;
  addHook(
    name: 'preValidation',
    hook: (request: FastifyWebhookRequest, reply: FastifyWebhookReply) => Promise<unknown>,
  ): unknown;
}

export interface FastifyWebhookRequest {
  headers: IncomingHttpHeaders;
  body: unknown;
  webhook?: ReceivedWebhook | null;
}

export interface FastifyWebhookReply {
  raw: ServerResponse;
  code(status: number): FastifyWebhookReply;
  send(payload: unknown): unknown;
}

/**
 * Verifies the requests of one Fastify scope (`app.register(async (scope) => { fastifyWebhooks(scope, { secret }); ... })`).
 * It keeps the bytes of JSON bodies, verifies them, and sets `request.webhook` to the verified webhook and `request.body` to
 * its event. Unverified requests get 401 and duplicates 200, without the handler.
 */
export function fastifyWebhooks(scope: FastifyScope, options: ReceiverOptions): void {
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: options.maxBytes ?? 1024 * 1024 },
    (_request, body, done) => {
      done(null, body);
    },
  );
  scope.decorateRequest('webhook', null);
  scope.addHook('preValidation', async (request, reply) => {
    try {
      // Fastify calls no parser for a request without a body.
      const rawBody = (request.body ?? '') as Buffer | string;
      const result = await receive(rawBody, request.headers, options);
      if (result.duplicate) {
        return reply
          .code(200)
          .send({ code: 'EVENT_SEEN', message: 'this event was handled before' });
      }
      settleByResponse(reply.raw, result.settle);
      request.webhook = result.webhook;
      request.body = result.webhook.event;
      return undefined;
    } catch (error) {
      if (!(error instanceof WebhookRefused)) throw error;
      return reply.code(error.statusCode).send({ code: error.code, message: error.message });
    }
  });
}
