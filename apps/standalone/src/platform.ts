import { start as startCases } from '../../cases/src/service.ts';
import { start as startClassification } from '../../classification/src/service.ts';
import { start as startCatalog } from '../../event-catalog/src/service.ts';
import { start as startExtraction } from '../../extraction/src/service.ts';
import { start as startForensics } from '../../forensics/src/service.ts';
import { start as startSubscriptions } from '../../subscriptions/src/service.ts';
import { start as startTranslation } from '../../translation/src/service.ts';
import {
  start as startDelivery,
  type RunningDelivery,
} from '../../webhook-delivery/src/service.ts';
import { startGateway } from './gateway.ts';
import { startInfrastructure, type InfrastructureOptions } from './infrastructure.ts';
import { serviceEnv, stageNames, type StageName } from './service-env.ts';

export interface PlatformOptions extends InfrastructureOptions {
  /** Of the one origin that all services answer on; 0 takes a free one. */
  port?: number;
  /** Environment variables of the services, over the defaults. */
  env?: Record<string, string>;
  /** Stages to run; all of them where nothing is said. */
  stages?: readonly StageName[];
}

const startStage = {
  classification: startClassification,
  extraction: startExtraction,
  forensics: startForensics,
  translation: startTranslation,
};

export interface Platform {
  readonly url: string;
  readonly operatorKey: string;
  readonly brokers: string;
  readonly delivery: RunningDelivery;
  stop(): Promise<void>;
  /** Stops, and removes everything that was kept. */
  destroy(): Promise<void>;
}

/** Every service in one process, each in its own container, on embedded PostgreSQL and an embedded Kafka broker. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const infrastructure = await startInfrastructure(options);
  const { surroundings } = infrastructure;
  const env = serviceEnv(surroundings, options.env);
  // The owners of reference data first: they publish it before anybody waits for it.
  const catalog = await startCatalog(env);
  const subscriptions = await startSubscriptions(env);
  const [cases, delivery, ...stages] = await Promise.all([
    startCases(env),
    startDelivery(env),
    ...(options.stages ?? stageNames).map((stage) => startStage[stage](env)),
  ]);
  const routes = {
    '/partner': cases.url,
    '/registry': subscriptions.url,
    '/admin': subscriptions.url,
    '/catalog': catalog.url,
    '/delivery': delivery.url,
  };
  const gateway = await startGateway(routes, options.port ?? 0, () => home(Object.keys(routes)));
  const stopServices = async () => {
    await gateway.stop();
    await Promise.all([cases, delivery, ...stages].map((service) => service.stop()));
    await subscriptions.stop();
    await catalog.stop();
  };
  return {
    url: gateway.url,
    operatorKey: surroundings.keys.operator,
    brokers: surroundings.brokers,
    delivery,
    async stop() {
      await stopServices();
      await infrastructure.stop();
    },
    async destroy() {
      await stopServices();
      await infrastructure.destroy();
    },
  };
}

const home = (prefixes: string[]) =>
  `Casewire\n\n${prefixes
    .filter((prefix) => prefix !== '/admin')
    .map((prefix) => `${prefix}/v1/docs`)
    .join('\n')}\n`;
