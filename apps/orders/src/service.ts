import { KeyRegistry } from '@casewire/auth';
import { type RunningService, type ServiceDefinition, startService } from '@casewire/service';

import { OrdersConfig } from './config.ts';
import { migrations } from './migrations/index.ts';

export const service: ServiceDefinition<typeof OrdersConfig> = {
  name: 'orders',
  config: OrdersConfig,
  async parts(context) {
    const { config } = context;
    await context.openDatabase(config.ORDERS_DATABASE_URL, migrations);
    const log = await context.openEventLog();
    const registry = new KeyRegistry(log, config.API_KEY_PEPPER);
    context.onStop(() => registry.stop());
    await registry.start();
    return {
      controllers: [],
      providers: [registry.authenticator],
      port: config.ORDERS_PORT,
      apis: [
        {
          path: '/orders/v1',
          title: 'Casewire Orders',
          description: 'Order verifications of a user, and read their states, tasks and reports.',
        },
      ],
      readiness: {
        views: () => (registry.healthy ? null : 'the registry cannot be followed'),
      },
    };
  },
};

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
