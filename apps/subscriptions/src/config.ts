import { kafkaSettings, settings } from '@casewire/service';
import { z } from 'zod';

export const SubscriptionsConfig = z.object({
  ...kafkaSettings,
  SUBSCRIPTIONS_DATABASE_URL: settings.databaseUrl,
  API_KEY_PEPPER: settings.key,
  SEALING_KEY: settings.key,
  OPERATOR_KEY: z
    .string({ error: 'is required: the key of the platform’s operator' })
    .min(32, 'must be at least 32 characters'),
  SUBSCRIPTIONS_PORT: settings.port.default(3002),
  LISTEN_HOST: settings.listenHost,
  LOG_LEVEL: settings.logLevel,
});
