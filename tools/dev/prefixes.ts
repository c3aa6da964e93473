import type { ServiceName } from '@casewire/standalone';

/** Which paths of the one origin a service answers. */
export const prefixes: Partial<Record<ServiceName, string[]>> = {
  cases: ['/partner'],
  subscriptions: ['/registry', '/admin'],
  'event-catalog': ['/catalog'],
  'webhook-delivery': ['/delivery'],
};
