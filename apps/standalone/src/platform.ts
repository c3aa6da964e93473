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
import { homePage } from './home.ts';
import {
  startInfrastructure,
  type Infrastructure,
  type InfrastructureOptions,
} from './infrastructure.ts';
import { serviceEnv, stageNames, type ServiceSurroundings, type StageName } from './service-env.ts';

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
  readonly surroundings: ServiceSurroundings;
  readonly delivery: RunningDelivery;
  stop(): Promise<void>;
  /** Stops, and removes everything that was kept. */
  destroy(): Promise<void>;
}

/** Every service in one process, each in its own container, on embedded PostgreSQL and an embedded Kafka broker. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const infrastructure = await startInfrastructure(options);
  const running = new RunningParts();
  try {
    return await startServices(options, infrastructure, running);
  } catch (error) {
    await running.stop().catch(() => undefined);
    await infrastructure.stop();
    throw error;
  }
}

/** What runs so far, in the order in which it is stopped: the gateway, the users of reference data, its owners. */
class RunningParts {
  private readonly groups: Record<'gateway' | 'users' | 'owners', Stoppable[]> = {
    gateway: [],
    users: [],
    owners: [],
  };

  async add<T extends Stoppable>(group: keyof RunningParts['groups'], starting: Promise<T>) {
    const part = await starting;
    this.groups[group].push(part);
    return part;
  }

  async stop(): Promise<void> {
    const { gateway, users, owners } = this.groups;
    for (const part of gateway.splice(0)) await part.stop();
    await Promise.all(users.splice(0).map((part) => part.stop()));
    for (const part of owners.splice(0).toReversed()) await part.stop();
  }
}

async function startServices(
  options: PlatformOptions,
  infrastructure: Infrastructure,
  running: RunningParts,
): Promise<Platform> {
  const { surroundings } = infrastructure;
  const env = serviceEnv(surroundings, options.env);
  // The owners of reference data first: they publish it before anybody waits for it.
  const catalog = await running.add('owners', startCatalog(env));
  const subscriptions = await running.add('owners', startSubscriptions(env));
  const stages = options.stages ?? stageNames;
  const users = await Promise.allSettled([
    running.add('users', startCases(env)),
    running.add('users', startDelivery(env)),
    ...stages.map((stage) => running.add('users', startStage[stage](env))),
  ] as const);
  for (const one of users) if (one.status === 'rejected') throw one.reason;
  const [cases, delivery] = users as unknown as [
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
    operatorKey: surroundings.keys.operator,
    brokers: surroundings.brokers,
    surroundings,
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
