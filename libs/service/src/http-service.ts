import type { Logger } from '@casewire/telemetry';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions, CustomTransportStrategy } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';

import { closeServer } from './close-server.ts';
import { jsonBody } from './json-body.ts';
import { JsonOnly } from './json-only.interceptor.ts';
import { nestLogger } from './nest-logger.ts';
import { serveDocsPage } from './openapi/docs-page.ts';
import { openApiDocuments, type Api } from './openapi/documents.ts';
import { ProblemFilter } from './problem.filter.ts';
import { failedChecks, type ReadinessChecks } from './readiness.ts';
import { requestContext } from './request-context.ts';
import { validationPipe } from './validation.ts';

export interface HttpServiceOptions {
  module: Type | DynamicModule;
  name: string;
  port: number;
  /** The address to listen on. */
  host: string;
  logger: Logger;
  /** Each with its docs page at <path>/docs and its OpenAPI document at <path>/openapi.json. */
  apis?: readonly Api[];
  /** Pages in addition to those of the APIs. The module of the service has routes for them. */
  pages?: readonly Page[];
  /** Consumes Kafka records in addition to the HTTP routes. */
  strategy?: CustomTransportStrategy;
  /** Checks of the dependencies of the service, by name: /readyz lists those that fail. */
  readiness?: ReadinessChecks;
  /** Called in this order after the HTTP server is closed. */
  onStop?: (() => Promise<void>)[];
}

/** A page or a document that is public: it needs no API key. */
export interface Page {
  path: string;
  title: string;
}

export interface RunningService {
  readonly url: string;
  readonly app: NestExpressApplication;
  readonly pages: readonly Page[];
  /** The URL of its metrics, if it serves them. */
  readonly metricsUrl?: string;
  stop(): Promise<void>;
}

/** Starts the HTTP server of a service (routes with the common conventions, health, docs), and its Kafka consumers. */
export async function startHttpService(options: HttpServiceOptions): Promise<RunningService> {
  const { logger } = options;
  const app = await NestFactory.create<NestExpressApplication>(options.module, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.use(requestContext(logger));
  app.use(jsonBody);
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalInterceptors(new JsonOnly());
  app.useGlobalPipes(validationPipe());
  health(app, options.readiness);
  docs(app, options.apis ?? []);
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
    pages: [...(options.apis ?? []).flatMap(pagesOf), ...(options.pages ?? [])],
    async stop() {
      await closeServer(app.getHttpServer());
      await app.close();
      for (const step of options.onStop ?? []) await step();
      logger.info({ event: 'service.stopped', name: options.name });
    },
  };
}

function health(app: NestExpressApplication, readiness: HttpServiceOptions['readiness']) {
  const express = app.getHttpAdapter().getInstance();
  express.get('/healthz', (_: Request, response: Response) => response.json({ status: 'ok' }));
  express.get('/readyz', async (_: Request, response: Response) => {
    const missing = await failedChecks(readiness ?? {});
    response
      .status(missing.length > 0 ? 503 : 200)
      .json(missing.length > 0 ? { status: 'not ready', missing } : { status: 'ready' });
  });
}

function docs(app: NestExpressApplication, apis: readonly Api[]) {
  const express = app.getHttpAdapter().getInstance();
  for (const [api, document] of openApiDocuments(app, apis)) {
    express.get(`${api.path}/openapi.json`, (_: Request, response: Response) =>
      response.json(document),
    );
    serveDocsPage(express, api);
  }
}

const pagesOf = ({ path, title }: Api): Page[] => [
  { path: `${path}/docs`, title },
  { path: `${path}/openapi.json`, title: `${title}: OpenAPI document` },
];
