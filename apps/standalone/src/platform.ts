import { start as startCases } from '@casewire/cases';
import { start as startClassification } from '@casewire/classification';
import { start as startCatalog } from '@casewire/event-catalog';
import { start as startExtraction } from '@casewire/extraction';
import { start as startForensics } from '@casewire/forensics';
import { start as startOrders } from '@casewire/orders';
import type { RunningService, Stoppable } from '@casewire/service';
import { start as startSubscriptions } from '@casewire/subscriptions';
import { start as startTranslation } from '@casewire/translation';
import { start as startDelivery, type RunningDelivery } from '@casewire/webhook-delivery';

import { startGateway } from './gateway.ts';
import { homePage } from './home-page.ts';
import {
  startInfrastructure,
  type Infrastructure,
  type InfrastructureOptions,
} from './infrastructure.ts';
import { serviceEnv, stageNames, type ServiceDependencies, type StageName } from './service-env.ts';

export interface PlatformOptions extends InfrastructureOptions {
  /** The port of the gateway, the common origin of all services; 0 takes a free one. */
  port?: number;
  /** The address that the gateway listens on; 127.0.0.1 by default. */
  host?: string;
  /** Environment variables of the services, which override the defaults. */
  env?: Record<string, string>;
  /** Stages to run; all of them by default. */
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
  /** Broker, databases, folders and keys that the services use. */
  readonly dependencies: ServiceDependencies;
  readonly delivery: RunningDelivery;
  stop(): Promise<void>;
  /** Stops, and deletes all data. */
  destroy(): Promise<void>;
}

/** Runs every service in this process, each in its own Nest application, with embedded PostgreSQL and an embedded Kafka broker. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const infrastructure = await startInfrastructure(options);
  const running = new RunningServices();
  try {
    return await startServices(options, infrastructure, running);
  } catch (error) {
    await running.stop().catch(() => undefined);
    await infrastructure.stop();
    throw error;
  }
}

/** The running services, in the order in which they are stopped: the gateway, the consumers of reference data, and its publishers. */
class RunningServices {
  private readonly byGroup: Record<'gateway' | 'consumers' | 'publishers', Stoppable[]> = {
    gateway: [],
    consumers: [],
    publishers: [],
  };

  async add<T extends Stoppable>(group: keyof RunningServices['byGroup'], starting: Promise<T>) {
    const service = await starting;
    this.byGroup[group].push(service);
    return service;
  }

  async stop(): Promise<void> {
    const { gateway, consumers, publishers } = this.byGroup;
    for (const service of gateway.splice(0)) await service.stop();
    await Promise.all(consumers.splice(0).map((service) => service.stop()));
    for (const service of publishers.splice(0).toReversed()) await service.stop();
  }
}

async function startServices(
  options: PlatformOptions,
  infrastructure: Infrastructure,
  running: RunningServices,
): Promise<Platform> {
  const { dependencies } = infrastructure;
  const env = serviceEnv(dependencies, options.env);
  // The publishers of reference data first: it is published before any consumer waits for it.
  const catalog = await running.add('publishers', startCatalog(env));
  const subscriptions = await running.add('publishers', startSubscriptions(env));
  const stages = options.stages ?? stageNames;
  const consumers = await Promise.allSettled([
    running.add('consumers', startCases(env)),
    running.add('consumers', startDelivery(env)),
    running.add('consumers', startOrders(env)),
    ...stages.map((stage) => running.add('consumers', startStage[stage](env))),
  ] as const);
  for (const result of consumers) if (result.status === 'rejected') throw result.reason;
  const [cases, delivery, orders] = consumers as unknown as [
    PromiseFulfilledResult<RunningService>,
    PromiseFulfilledResult<RunningDelivery>,
    PromiseFulfilledResult<RunningService>,
  ];
  const routes = {
    '/partner': cases.value.url,
    '/orders': orders.value.url,
    '/registry': subscriptions.url,
    '/admin': subscriptions.url,
    '/catalog': catalog.url,
    '/delivery': delivery.value.url,
  };
  const gateway = await running.add(
    'gateway',
    startGateway(routes, options.port ?? 0, homePage, options.host),
  );
  return {
    url: gateway.url,
    operatorKey: dependencies.keys.operator,
    brokers: dependencies.brokers,
    dependencies,
    delivery: delivery.value,
    async stop() {
      await running.stop();
      await infrastructure.stop();
    },
    async destroy() {
      await running.stop();
      await infrastructure.destroy();
    },
  };
}
