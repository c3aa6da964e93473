import type { Logger } from '@casewire/telemetry';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions, CustomTransportStrategy } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { apiReference } from '@scalar/nestjs-api-reference';
import type { Request, RequestHandler, Response } from 'express';

import { closeServer } from './close-server.ts';
import { jsonBody } from './json-body.ts';
import { ProblemFilter } from './problem.filter.ts';
import { missingFor, type ReadinessChecks } from './readiness.ts';
import { requestContext } from './request-context.ts';
import { validationPipe } from './validation.ts';

export interface HttpServiceOptions {
  module: Type | DynamicModule;
  name: string;
  port: number;
  /** The address to listen on. */
  host: string;
  logger: Logger;
  /** Path of the API, such as /partner/v1: its docs page is at <path>/docs, its OpenAPI document at <path>/openapi.json. */
  api?: { path: string; title: string; description: string };
  /** Consumes records beside the HTTP routes. */
  strategy?: CustomTransportStrategy;
  /** What the service needs to work, by name: /readyz names those that are missing. */
  readiness?: ReadinessChecks;
  /** Undone in order after the routes are closed. */
  onStop?: (() => Promise<void>)[];
}

export interface RunningService {
  readonly url: string;
  readonly app: NestExpressApplication;
  stop(): Promise<void>;
}

/** Starts a service: its routes with the conventions all of them share, health, docs, and its consumers. */
export async function startHttpService(options: HttpServiceOptions): Promise<RunningService> {
  const { logger } = options;
  const app = await NestFactory.create<NestExpressApplication>(options.module, {
    logger: ['error', 'fatal'],
    bodyParser: false,
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.use(requestContext(logger));
  app.use(jsonBody);
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalPipes(validationPipe());
  health(app, options.readiness);
  if (options.api) docs(app, options.api);
  if (options.strategy) {
    app.connectMicroservice<MicroserviceOptions>(
      { strategy: options.strategy },
      { inheritAppConfig: false },
    );
    await app.startAllMicroservices();
  }
  await app.listen(options.port, options.host);
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  logger.info({ event: 'service.started', name: options.name, url });
  return {
    url,
    app,
    async stop() {
      await closeServer(app.getHttpServer());
      await app.close();
      for (const undo of options.onStop ?? []) await undo();
      logger.info({ event: 'service.stopped', name: options.name });
    },
  };
}

function health(app: NestExpressApplication, readiness: HttpServiceOptions['readiness']) {
  const express = app.getHttpAdapter().getInstance();
  express.get('/healthz', (_: Request, response: Response) => response.json({ status: 'ok' }));
  express.get('/readyz', async (_: Request, response: Response) => {
    const missing = await missingFor(readiness ?? {});
    response
      .status(missing.length > 0 ? 503 : 200)
      .json(missing.length > 0 ? { status: 'not ready', missing } : { status: 'ready' });
  });
}

function docs(
  app: NestExpressApplication,
  { path, title, description }: NonNullable<HttpServiceOptions['api']>,
) {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(title)
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth()
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'x-api-key')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const express = app.getHttpAdapter().getInstance();
  express.get(`${path}/openapi.json`, (_: Request, response: Response) => response.json(document));
  // Its type allows for other servers as well.
  express.get(`${path}/docs`, apiReference({ url: `${path}/openapi.json` }) as RequestHandler);
}
