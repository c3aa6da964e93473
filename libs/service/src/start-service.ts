import { createLogger, startTelemetry } from '@casewire/telemetry';
import type { Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { z } from 'zod';

import { readConfig } from './config.ts';
import { startHttpService, type Page, type RunningService } from './http-service.ts';
import type { Api } from './openapi/documents.ts';
import type { ReadinessChecks } from './readiness.ts';
import { ServiceContext, type CommonConfig } from './service-context.ts';
import { serviceModule } from './service-module.ts';

/** The parts of a service, ready to start. */
export interface ServiceParts {
  controllers: Type[];
  /** Instances that are injected into controllers by class. */
  providers: object[];
  /** The HTTP port; 0 takes a free one. */
  port: number;
  /** Each with its docs page at <path>/docs and its OpenAPI document at <path>/openapi.json. */
  apis?: readonly Api[];
  /** Pages in addition to those of the APIs. */
  pages?: readonly Page[];
  /** Consumes Kafka records in addition to the HTTP routes. */
  strategy?: CustomTransportStrategy;
  /** Checks of other dependencies than the database and the broker, which the context checks. */
  readiness?: ReadinessChecks;
  /** Starts background work, after the HTTP server and the consumers have started. */
  begin?: () => Promise<unknown> | void;
}

/** A schema of environment variables, including the common ones. */
export type ServiceConfig = z.ZodObject & z.ZodType<CommonConfig>;

/** A service: its name, its environment variables, and how it is built from them. */
export interface ServiceDefinition<Config extends ServiceConfig = ServiceConfig> {
  name: string;
  config: Config;
  /** Builds the service, in the order in which its parts start. It registers everything that it opens with the context. */
  parts: (context: ServiceContext<z.infer<Config>>) => Promise<ServiceParts>;
}

/**
 * Starts a service in this process. A failed start closes everything that was opened.
 * @throws ConfigInvalid naming every variable that is missing or invalid
 */
export async function startService<Config extends ServiceConfig>(
  { name, config: schema, parts }: ServiceDefinition<Config>,
  env: NodeJS.ProcessEnv,
): Promise<RunningService> {
  const config = readConfig(schema, env);
  const logger = createLogger(name, config.LOG_LEVEL);
  const context = new ServiceContext(name, config, logger, env);
  const telemetry = startTelemetry(name, env);
  context.onStop(() => telemetry.stop());
  try {
    const { controllers, providers, begin, readiness, ...http } = await parts(context);
    const service = await startHttpService({
      ...http,
      name,
      host: config.LISTEN_HOST,
      logger,
      module: serviceModule(name, controllers, providers),
      readiness: { ...context.readiness, ...readiness },
      onStop: [() => context.close()],
    });
    try {
      await begin?.();
    } catch (error) {
      await service.stop();
      throw error;
    }
    const { metricsUrl } = context;
    return metricsUrl === undefined ? service : { ...service, metricsUrl };
  } catch (error) {
    await context.close().catch((failure: unknown) => {
      logger.warn({ event: 'service.close-failed', error: failure });
    });
    throw error;
  }
}
