export { deliveryDatabase, type DeliveryDatabase } from './delivery-database.ts';
export { drain } from './drain.ts';
export { endpoint, organizationId, Partition } from './events.ts';
