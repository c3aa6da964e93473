export { OrdersConfig } from './config.ts';
export { start } from './service.ts';
