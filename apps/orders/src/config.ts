import { kafkaSettings, settings } from '@casewire/service';
import { z } from 'zod';

export const OrdersConfig = z.object({
  ...kafkaSettings,
  ORDERS_DATABASE_URL: settings.databaseUrl,
  API_KEY_PEPPER: settings.key,
  SEALING_KEY: settings.key,
  /** A JSON file with the platform's templates of orders; by default the templates of this version. */
  ORDER_TEMPLATES_FILE: z.string().min(1).optional(),
  ORDERS_PORT: settings.port.default(3005),
  LISTEN_HOST: settings.listenHost,
  LOG_LEVEL: settings.logLevel,
});
export type OrdersConfig = z.infer<typeof OrdersConfig>;
