export { DeliveryConfig } from './config.ts';
export { PostgresLaneStore } from './engine/store/postgres-lane-store.ts';
export { migrations } from './migrations/index.ts';
export { type RunningDelivery, start } from './service.ts';
