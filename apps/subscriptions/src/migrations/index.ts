import { CreateSubscriptions1764600000000 } from './1764600000000-create-subscriptions.ts';

/** In their order. */
export const migrations = [CreateSubscriptions1764600000000];
