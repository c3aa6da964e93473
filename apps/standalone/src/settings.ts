import { CasesConfig } from '@casewire/cases';
import { CatalogConfig } from '@casewire/event-catalog';
import { OrdersConfig } from '@casewire/orders';
import { ConfigInvalid, readConfig, settings } from '@casewire/service';
import { SubscriptionsConfig } from '@casewire/subscriptions';
import { TranslationConfig } from '@casewire/translation';
import { DeliveryConfig } from '@casewire/webhook-delivery';
import { z } from 'zod';

/** The variables of the platform on one machine; 0 takes a free port. */
const PlatformConfig = z.object({
  CASEWIRE_DIRECTORY: z.string().default('.casewire/platform'),
  PORT: settings.port.default(3000),
  KAFKA_PORT: settings.port.default(9092),
  POSTGRES_PORT: settings.port.default(54_329),
  METRICS_PORT: settings.port.default(9464),
  KAFKA_BROKERS: settings.brokers.optional(),
  LISTEN_HOST: settings.listenHost,
  LOG_LEVEL: settings.logLevel,
});

export interface PlatformSettings extends z.infer<typeof PlatformConfig> {
  /** Variables that are passed to the services unchanged. */
  services: Record<string, string>;
}

const serviceConfigs = [
  CasesConfig,
  OrdersConfig,
  SubscriptionsConfig,
  CatalogConfig,
  DeliveryConfig,
  // It has all variables of the other stages, and one more.
  TranslationConfig,
] as const;

/** The databases of the services, by the variable of each. */
const databaseVariables = [
  'CASES_DATABASE_URL',
  'ORDERS_DATABASE_URL',
  'SUBSCRIPTIONS_DATABASE_URL',
  'CATALOG_DATABASE_URL',
  'DELIVERY_DATABASE_URL',
];

/** The platform starts its own databases and generates its own keys: a value from outside would have no effect. */
export const refusedVariables: readonly string[] = [
  ...databaseVariables,
  'API_KEY_PEPPER',
  'SEALING_KEY',
  'OPERATOR_KEY',
];

/** Every variable that any service reads. */
export const serviceVariables: readonly string[] = [
  ...new Set(serviceConfigs.flatMap((config) => Object.keys(config.shape))),
];

/** Variables of the platform itself. */
export const platformVariables: readonly string[] = Object.keys(PlatformConfig.shape);

/**
 * Reads the configuration of the platform on one machine, and checks the variables of its services before any of them starts.
 * @throws ConfigInvalid naming every variable that is invalid, or that has no effect here
 */
export function readPlatformSettings(env: NodeJS.ProcessEnv): PlatformSettings {
  const refused = refusedVariables.filter((name) => env[name]);
  if (refused.length > 0) {
    const faults = refused.map((name) => `  ${name}: is set by the platform itself; remove it`);
    throw new ConfigInvalid(`the configuration is not usable:\n${faults.join('\n')}`);
  }
  const platform = readConfig(PlatformConfig, env);
  const services = forwardedVariables(env);
  checkServices(services);
  return { ...platform, services };
}

function forwardedVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = new Set(serviceVariables.filter((name) => !platformVariables.includes(name)));
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        Boolean(entry[1]) && (names.has(entry[0]) || entry[0].startsWith('OTEL_')),
    ),
  );
}

/** Checks the variables of the services. Values that are unknown before the start are replaced by valid ones. */
function checkServices(services: Record<string, string>): void {
  const url = 'postgres://localhost/x';
  const key = Buffer.alloc(32).toString('base64');
  const known = {
    KAFKA_BROKERS: 'localhost:9092',
    BLOB_FOLDER: '/',
    API_KEY_PEPPER: key,
    SEALING_KEY: key,
    OPERATOR_KEY: key,
    ...Object.fromEntries(databaseVariables.map((name) => [name, url])),
    ...services,
  };
  for (const config of serviceConfigs) readConfig(config as z.ZodObject, known);
}
