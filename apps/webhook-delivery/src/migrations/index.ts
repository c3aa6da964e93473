import { CreateDelivery1763600000000 } from './1763600000000-create-delivery.ts';
import { DeliveryEngine1763700000000 } from './1763700000000-delivery-engine.ts';
import { DeliveryOperations1763800000000 } from './1763800000000-delivery-operations.ts';
import { Notices1763900000000 } from './1763900000000-notices.ts';
import { ScrubAnswersOfErased1764500000000 } from './1764500000000-scrub-answers-of-erased.ts';

/** In their order. */
export const migrations = [
  CreateDelivery1763600000000,
  DeliveryEngine1763700000000,
  DeliveryOperations1763800000000,
  Notices1763900000000,
  ScrubAnswersOfErased1764500000000,
];
