import { start as startCases } from '@casewire/cases';
import { start as startClassification } from '@casewire/classification';
import { start as startCatalog } from '@casewire/event-catalog';
import { start as startExtraction } from '@casewire/extraction';
import { start as startForensics } from '@casewire/forensics';
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
  /** Of the one origin that all services answer on; 0 takes a free one. */
  port?: number;
  /** The address that it listens on; this machine's own by default. */
  host?: string;
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
  /** What the services stand on. */
  readonly dependencies: ServiceDependencies;
  readonly delivery: RunningDelivery;
  stop(): Promise<void>;
  /** Stops, and removes everything that was kept. */
  destroy(): Promise<void>;
}

/** Every service in one process, each in its own container, on embedded PostgreSQL and an embedded Kafka broker. */
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

/** What runs so far, in the order in which it is stopped: the gateway, the consumers of reference data, its referenceData. */
class RunningServices {
  private readonly byGroup: Record<'gateway' | 'consumers' | 'referenceData', Stoppable[]> = {
    gateway: [],
    consumers: [],
    referenceData: [],
  };

  async add<T extends Stoppable>(group: keyof RunningServices['byGroup'], starting: Promise<T>) {
    const part = await starting;
    this.byGroup[group].push(part);
    return part;
  }

  async stop(): Promise<void> {
    const { gateway, consumers, referenceData } = this.byGroup;
    for (const part of gateway.splice(0)) await part.stop();
    await Promise.all(consumers.splice(0).map((part) => part.stop()));
    for (const part of referenceData.splice(0).toReversed()) await part.stop();
  }
}

async function startServices(
  options: PlatformOptions,
  infrastructure: Infrastructure,
  running: RunningServices,
): Promise<Platform> {
  const { dependencies } = infrastructure;
  const env = serviceEnv(dependencies, options.env);
  // The referenceData of reference data first: they publish it before anybody waits for it.
  const catalog = await running.add('referenceData', startCatalog(env));
  const subscriptions = await running.add('referenceData', startSubscriptions(env));
  const stages = options.stages ?? stageNames;
  const consumers = await Promise.allSettled([
    running.add('consumers', startCases(env)),
    running.add('consumers', startDelivery(env)),
    ...stages.map((stage) => running.add('consumers', startStage[stage](env))),
  ] as const);
  for (const one of consumers) if (one.status === 'rejected') throw one.reason;
  const [cases, delivery] = consumers as unknown as [
    PromiseFulfilledResult<RunningService>,
    PromiseFulfilledResult<RunningDelivery>,
  ];
  const routes = {
    '/partner': cases.value.url,
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
