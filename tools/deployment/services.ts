import { CasesConfig } from '@casewire/cases';
import { CatalogConfig } from '@casewire/event-catalog';
import { OrdersConfig } from '@casewire/orders';
import { StageConfig } from '@casewire/stage-runtime';
import type { ServiceName } from '@casewire/standalone';
import { SubscriptionsConfig } from '@casewire/subscriptions';
import { TranslationConfig } from '@casewire/translation';
import { DeliveryConfig } from '@casewire/webhook-delivery';
import type { z } from 'zod';

/** The configuration schema of each service, and the variable of its port. */
export const services: Record<ServiceName, { config: z.ZodObject; port: string }> = {
  cases: { config: CasesConfig, port: 'CASES_PORT' },
  orders: { config: OrdersConfig, port: 'ORDERS_PORT' },
  subscriptions: { config: SubscriptionsConfig, port: 'SUBSCRIPTIONS_PORT' },
  'event-catalog': { config: CatalogConfig, port: 'CATALOG_PORT' },
  'webhook-delivery': { config: DeliveryConfig, port: 'DELIVERY_PORT' },
  classification: { config: StageConfig, port: 'PORT' },
  extraction: { config: StageConfig, port: 'PORT' },
  forensics: { config: StageConfig, port: 'PORT' },
  translation: { config: TranslationConfig, port: 'PORT' },
};

/** Variables of the trace exporter, which are not in the schema of a service. */
export const isOfTelemetry = (variable: string) => variable.startsWith('OTEL_');

/** Values that must not be in a file: keys, and URLs with a password. */
export const isSecret = (variable: string) =>
  /(?:_KEY|_PEPPER|PASSWORD|_DATABASE_URL|SMTP_URL)$/.test(variable);
