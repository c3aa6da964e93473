import type { ServiceName } from '@casewire/standalone';

/** The path prefixes of the common origin that each service serves. */
export const prefixes: Partial<Record<ServiceName, string[]>> = {
  cases: ['/partner'],
  orders: ['/orders'],
  subscriptions: ['/registry', '/admin'],
  'event-catalog': ['/catalog'],
  'webhook-delivery': ['/delivery'],
};
