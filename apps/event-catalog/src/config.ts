import { kafkaSettings, settings } from '@casewire/service';
import { z } from 'zod';

export const CatalogConfig = z.object({
  ...kafkaSettings,
  CATALOG_DATABASE_URL: settings.databaseUrl,
  API_KEY_PEPPER: settings.key,
  CATALOG_PORT: settings.port.default(3003),
  LISTEN_HOST: settings.listenHost,
  LOG_LEVEL: settings.logLevel,
});
