import { CreateDelivery1764600000000 } from './1764600000000-create-delivery.ts';

/** In their order. */
export const migrations = [CreateDelivery1764600000000];
