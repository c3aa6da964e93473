import type { Keys } from './keys.ts';

/** The databases of the services. */
export const databases = [
  'casewire_cases',
  'casewire_subscriptions',
  'casewire_catalog',
  'casewire_delivery',
  'casewire_orders',
] as const;

export const stageNames = ['classification', 'extraction', 'forensics', 'translation'] as const;
export type StageName = (typeof stageNames)[number];

export const serviceNames = [
  'event-catalog',
  'subscriptions',
  'cases',
  'orders',
  ...stageNames,
  'webhook-delivery',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** The broker, databases, folders and keys that the services on one machine use. */
export interface ServiceDependencies {
  brokers: string;
  databaseUrl: (name: string) => string;
  blobFolder: string;
  incomingFolder: string;
  keys: Keys;
}

/** The environment variables that configure a service. An override of `undefined` removes a variable. */
export function serviceEnv(
  { brokers, databaseUrl, blobFolder, incomingFolder, keys }: ServiceDependencies,
  overrides: Record<string, string | undefined> = {},
): Record<string, string> {
  const env: Record<string, string | undefined> = {
    KAFKA_BROKERS: brokers,
    CASES_DATABASE_URL: databaseUrl('casewire_cases'),
    SUBSCRIPTIONS_DATABASE_URL: databaseUrl('casewire_subscriptions'),
    CATALOG_DATABASE_URL: databaseUrl('casewire_catalog'),
    DELIVERY_DATABASE_URL: databaseUrl('casewire_delivery'),
    ORDERS_DATABASE_URL: databaseUrl('casewire_orders'),
    BLOB_FOLDER: blobFolder,
    INCOMING_FOLDER: incomingFolder,
    API_KEY_PEPPER: keys.pepper,
    SEALING_KEY: keys.sealing,
    OPERATOR_KEY: keys.operator,
    CASES_PORT: '0',
    SUBSCRIPTIONS_PORT: '0',
    CATALOG_PORT: '0',
    DELIVERY_PORT: '0',
    ORDERS_PORT: '0',
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...overrides,
  };
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
