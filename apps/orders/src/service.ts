import { randomBytes } from 'node:crypto';

import { KeyRegistry } from '@casewire/auth';
import { EventLogTransport } from '@casewire/event-log';
import { untilPublished } from '@casewire/event-sourcing';
import { type RunningService, type ServiceDefinition, startService } from '@casewire/service';

import { OrdersConfig } from './config.ts';
import { cleanUp } from './erasure/clean-up.ts';
import { CaseIntake } from './intake/case-intake.ts';
import { IntakeController } from './intake/intake.controller.ts';
import { migrations } from './migrations/index.ts';
import { orderApi } from './order-api.ts';
import { orderRelay } from './outbox/order-relay.ts';
import { readTemplates } from './templates/read-templates.ts';

const second = 1000;

export const service: ServiceDefinition<typeof OrdersConfig> = {
  name: 'orders',
  config: OrdersConfig,
  async parts(context) {
    const { config, logger, now } = context;
    const pool = await context.openDatabase(config.ORDERS_DATABASE_URL, migrations);
    const log = await context.openEventLog();
    const registry = new KeyRegistry(log, config.API_KEY_PEPPER);
    context.onStop(() => registry.stop());
    await registry.start();

    const relay = orderRelay(config.ORDERS_DATABASE_URL, log, logger);
    context.onStop(() => relay.stop());
    const api = orderApi({
      pool,
      templates: await readTemplates(config.ORDER_TEMPLATES_FILE),
      relay,
      published: (orderId) => untilPublished(pool, relay, orderId, { timeoutMs: 5 * second }),
      sealingKey: config.SEALING_KEY,
      random: randomBytes,
      now,
      logger,
    });
    context.repeatEvery(second, 'clean-up', () => cleanUp(pool));
    const strategy = new EventLogTransport({ log, groupId: 'orders' });
    return {
      controllers: [...api.controllers, IntakeController],
      providers: [
        registry.authenticator,
        ...api.providers,
        new CaseIntake(pool, relay, now, logger),
      ],
      port: config.ORDERS_PORT,
      apis: [
        {
          path: '/orders/v1',
          title: 'Casewire Orders',
          description: 'Order verifications of a user, and read their states, tasks and reports.',
        },
      ],
      strategy,
      readiness: {
        consumer: () => (strategy.healthy ? null : 'the events of cases cannot be consumed'),
        views: () => (registry.healthy ? null : 'the registry cannot be followed'),
      },
      begin: () => relay.start(),
    };
  },
};

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
