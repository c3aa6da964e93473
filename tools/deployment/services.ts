import { CasesConfig } from '@casewire/cases';
import { CatalogConfig } from '@casewire/event-catalog';
import { StageConfig } from '@casewire/stage-runtime';
import type { ServiceName } from '@casewire/standalone';
import { SubscriptionsConfig } from '@casewire/subscriptions';
import { TranslationConfig } from '@casewire/translation';
import { DeliveryConfig } from '@casewire/webhook-delivery';
import type { z } from 'zod';

/** By what each service is configured, and which of it is its port. */
export const services: Record<ServiceName, { config: z.ZodObject; port: string }> = {
  cases: { config: CasesConfig, port: 'CASES_PORT' },
  subscriptions: { config: SubscriptionsConfig, port: 'SUBSCRIPTIONS_PORT' },
  'event-catalog': { config: CatalogConfig, port: 'CATALOG_PORT' },
  'webhook-delivery': { config: DeliveryConfig, port: 'DELIVERY_PORT' },
  classification: { config: StageConfig, port: 'PORT' },
  extraction: { config: StageConfig, port: 'PORT' },
  forensics: { config: StageConfig, port: 'PORT' },
  translation: { config: TranslationConfig, port: 'PORT' },
};

/** Read by the exporter of traces, and no part of a service's own configuration. */
export const isOfTelemetry = (variable: string) => variable.startsWith('OTEL_');

/** What nobody may read in a file: keys, and addresses with a password in them. */
export const isSecret = (variable: string) =>
  /(?:_KEY|_PEPPER|PASSWORD|_DATABASE_URL|SMTP_URL)$/.test(variable);
