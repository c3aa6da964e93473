import { CreateOrders1764800000000 } from './1764800000000-create-orders.ts';

/** In their order. */
export const migrations = [CreateOrders1764800000000];
