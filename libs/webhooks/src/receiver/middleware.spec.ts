import { once } from 'node:events';
import type { Server } from 'node:http';

import {
  Controller,
  HttpCode,
  HttpException,
  Module,
  Post,
  Req,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  addressOf,
  event,
  post,
  rawBody,
  secret,
  signedHeaders,
} from '../../test/signed-requests.ts';
import { expressWebhooks, nestWebhooks, type WebhookRequest } from './express.ts';
import { fastifyWebhooks, type FastifyWebhookRequest } from './fastify.ts';
import type { ReceivedWebhook, ReceiverOptions } from './receive.ts';
import { InMemorySeenStore } from './seen-store.ts';

/** The receiver's handler. It returns the status of the response. */
interface Handler {
  handle(body: unknown, webhook: ReceivedWebhook | null | undefined): Promise<number>;
}

interface Running {
  url: string;
  close(): unknown;
}

async function startExpress(options: ReceiverOptions, handler: Handler): Promise<Running> {
  const app = express();
  app.post('/hook', expressWebhooks(options), (request, response, next) => {
    handler
      .handle(request.body, request.webhook)
      .then((status) => response.status(status).end(), next);
  });
  return listening(app.listen(0, '127.0.0.1'));
}

async function startFastify(options: ReceiverOptions, handler: Handler): Promise<Running> {
  const app = fastify();
  await app.register(async (scope) => {
    fastifyWebhooks(scope, options);
    scope.post('/hook', async (request, reply) => {
      const { body, webhook } = request as unknown as FastifyWebhookRequest;
      return reply.code(await handler.handle(body, webhook)).send();
    });
  });
  // A route outside of the scope of the webhooks.
  app.post('/other', async (request) => ({ parsed: request.body }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { url: addressOf(app.server), close: () => app.close() };
}

async function startNest(options: ReceiverOptions, handler: Handler): Promise<Running> {
  @Controller()
  class Hook {
    @Post('hook')
    @HttpCode(200)
    async receive(@Req() request: WebhookRequest): Promise<void> {
      const status = await handler.handle(request.body, request.webhook);
      if (status !== 200) throw new HttpException('not now', status);
    }
  }
  @Module({ controllers: [Hook] })
  class App implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(nestWebhooks(options)).forRoutes(Hook);
    }
  }
  const app = await NestFactory.create(App, { rawBody: true, logger: false });
  await app.listen(0, '127.0.0.1');
  return { url: addressOf(app.getHttpServer() as Server), close: () => app.close() };
}

async function listening(server: Server): Promise<Running> {
  await once(server, 'listening');
  return { url: addressOf(server), close: () => server.close() };
}

describe.each([
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Nest', startNest],
])('on %s', (_, start) => {
  const handled: { body: unknown; webhook: ReceivedWebhook | null | undefined }[] = [];
  let running: Running;
  let statuses: (number | Promise<number>)[];

  beforeEach(async () => {
    handled.length = 0;
    statuses = [];
    running = await start(
      { secret: async () => [secret], seen: new InMemorySeenStore(), maxBytes: 10_000 },
      {
        handle: async (body, webhook) => {
          handled.push({ body, webhook });
          return statuses.shift() ?? 200;
        },
      },
    );
  });
  afterEach(() => running.close());

  test('a verified event reaches the handler, parsed, with its raw bytes and its position in the lane', async () => {
    expect((await post(`${running.url}/hook`, signedHeaders('e1'))).status).toBe(200);
    expect(handled).toHaveLength(1);
    expect(handled[0]!.body).toEqual(event);
    expect(handled[0]!.webhook).toMatchObject({
      id: 'e1',
      sequence: { number: 1, previousId: '', gap: 0 },
      event,
    });
    expect(rawBody.equals(handled[0]!.webhook!.rawBody)).toBe(true);
  });

  test('a forged body is answered 401 and does not reach the handler', async () => {
    const forged = Buffer.from('{"eventName":"case.completed","payload":{}}');
    expect(await post(`${running.url}/hook`, signedHeaders('e1'), forged)).toEqual({
      status: 401,
      body: {
        code: 'SIGNATURE_MISMATCH',
        message: 'no signature was made with a secret of this endpoint',
      },
    });
    expect(handled).toEqual([]);
  });

  test('an unsigned request is answered 401', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await post(`${running.url}/hook`, headers)).toMatchObject({
      status: 401,
      body: { code: 'HEADER_MISSING' },
    });
  });

  test('a request without a body is answered 401', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await post(`${running.url}/hook`, headers, Buffer.alloc(0))).toMatchObject({
      status: 401,
      body: { code: 'HEADER_MISSING' },
    });
  });

  test('an event that was handled before is answered 200 and not handled again', async () => {
    await post(`${running.url}/hook`, signedHeaders('e1'));
    expect(await post(`${running.url}/hook`, signedHeaders('e1'))).toMatchObject({
      status: 200,
      body: { code: 'EVENT_SEEN' },
    });
    expect(handled).toHaveLength(1);
  });

  test('an event whose handler failed is handled when it is sent again', async () => {
    statuses = [503];
    expect((await post(`${running.url}/hook`, signedHeaders('e1'))).status).toBe(503);
    expect((await post(`${running.url}/hook`, signedHeaders('e1'))).status).toBe(200);
    expect(handled).toHaveLength(2);
  });

  test('a retry that arrives while the first request is being handled is answered 409', async () => {
    let release: (status: number) => void = () => {};
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    statuses = [
      new Promise((resolve) => {
        release = resolve;
      }),
    ];
    statuses.shift = function shift() {
      begin();
      return Array.prototype.shift.call(this) as Promise<number>;
    };
    const first = post(`${running.url}/hook`, signedHeaders('e1'));
    await begun;
    expect(await post(`${running.url}/hook`, signedHeaders('e1'))).toMatchObject({
      status: 409,
      body: { code: 'EVENT_IN_PROGRESS' },
    });
    release(200);
    expect((await first).status).toBe(200);
    expect(handled).toHaveLength(1);
  });

  test('a verified body that is not JSON is answered 400', async () => {
    const body = Buffer.from('no JSON');
    const { status } = await post(`${running.url}/hook`, signedHeaders('e1', body), body);
    expect(status).toBe(400);
    expect(handled).toEqual([]);
  });
});

test('Express: after the sender closed the connection, the event stays claimed while its handler may be running', async () => {
  const app = express();
  const hungUp = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const seen = new InMemorySeenStore();
  app.post('/hook', expressWebhooks({ secret, seen }), (_request, response) => {
    response.once('close', hungUp.resolve);
    begun.resolve();
  });
  const running = await listening(app.listen(0, '127.0.0.1'));
  const impatient = new AbortController();
  const attempt = fetch(`${running.url}/hook`, {
    method: 'POST',
    headers: signedHeaders('e1'),
    body: new Uint8Array(rawBody),
    signal: impatient.signal,
  });
  await begun.promise;
  impatient.abort();
  await expect(attempt).rejects.toThrow('aborted');
  await hungUp.promise;
  expect(await post(`${running.url}/hook`, signedHeaders('e1'))).toMatchObject({ status: 409 });
  await running.close();
});

test('Nest: an application that does not keep the raw bytes refuses every request', async () => {
  @Controller()
  class Hook {
    @Post('hook')
    receive(): void {}
  }
  @Module({ controllers: [Hook] })
  class App implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(nestWebhooks({ secret })).forRoutes(Hook);
    }
  }
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  const { status } = await post(
    `${addressOf(app.getHttpServer() as Server)}/hook`,
    signedHeaders('e1'),
  );
  expect(status).toBe(500);
  await app.close();
});

test('Express: a body that is too large is answered 413 and not stored', async () => {
  const running = await startExpress({ secret, maxBytes: 10 }, { handle: async () => 200 });
  expect(await post(`${running.url}/hook`, signedHeaders('e1'))).toMatchObject({
    status: 413,
    body: { code: 'BODY_TOO_LARGE' },
  });
  await running.close();
});

test('Fastify: a body that is too large is answered 413', async () => {
  const running = await startFastify({ secret, maxBytes: 10 }, { handle: async () => 200 });
  expect((await post(`${running.url}/hook`, signedHeaders('e1'))).status).toBe(413);
  await running.close();
});

test('Fastify: bodies of routes outside of the scope are parsed as before', async () => {
  const running = await startFastify({ secret }, { handle: async () => 200 });
  expect(await post(`${running.url}/other`, { 'content-type': 'application/json' })).toEqual({
    status: 200,
    body: { parsed: event },
  });
  await running.close();
});

test.each([
  ['express.raw', express.raw({ type: 'application/json' })],
  [
    'express.json that keeps the bytes',
    express.json({
      verify(request, _response, bytes) {
        (request as WebhookRequest).rawBody = bytes;
      },
    }),
  ],
])('Express: behind %s it takes the bytes from there', async (_, parser) => {
  const app = express();
  app.post('/hook', parser, expressWebhooks({ secret }), (request, response) => {
    response.json(request.body);
  });
  const running = await listening(app.listen(0, '127.0.0.1'));
  expect(await post(`${running.url}/hook`, signedHeaders('e1'))).toEqual({
    status: 200,
    body: event,
  });
  await running.close();
});

test('Express: behind a parser that does not keep the raw bytes every request fails with the reason', async () => {
  const app = express();
  const faults: unknown[] = [];
  app.post('/hook', express.json(), expressWebhooks({ secret }), (_request, response) => {
    response.sendStatus(200);
  });
  const onError: express.ErrorRequestHandler = (error, _request, response, _next) => {
    faults.push(error);
    response.sendStatus(500);
  };
  app.use(onError);
  const running = await listening(app.listen(0, '127.0.0.1'));
  const headers = signedHeaders('e1');
  const response = await fetch(`${running.url}/hook`, {
    method: 'POST',
    headers,
    body: new Uint8Array(rawBody),
  });
  expect(response.status).toBe(500);
  expect(faults).toEqual([expect.objectContaining({ code: 'BODY_NOT_RAW' })]);
  await running.close();
});
