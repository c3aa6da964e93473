import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

import { receive, WebhookRefused, type ReceivedWebhook, type ReceiverOptions } from './receive.ts';
import { settleByResponse } from './settle-by-response.ts';

/** The little that is needed of a Fastify instance. */
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
 * For the scope that it is called in (`app.register(async (scope) => { fastifyWebhooks(scope, { secret }); ... })`):
 * keeps the bytes of JSON bodies, verifies them, and puts what was received into `request.webhook`, its event into
 * `request.body`. Unverified requests are answered 401 and duplicates 200 without the handler.
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
      // Without a body no parser was asked: then there are no bytes.
      const rawBody = (request.body ?? '') as Buffer | string;
      const reception = await receive(rawBody, request.headers, options);
      if (reception.duplicate) {
        return reply
          .code(200)
          .send({ code: 'EVENT_SEEN', message: 'this event was handled before' });
      }
      settleByResponse(reply.raw, reception.settle);
      request.webhook = reception.webhook;
      request.body = reception.webhook.event;
      return undefined;
    } catch (error) {
      if (!(error instanceof WebhookRefused)) throw error;
      return reply.code(error.statusCode).send({ code: error.code, message: error.message });
    }
  });
}
