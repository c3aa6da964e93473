export { SubscriptionsConfig } from './config.ts';
export { start } from './service.ts';
