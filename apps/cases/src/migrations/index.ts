import { CreateCases1763600000000 } from './1763600000000-create-cases.ts';
import { Callbacks1763700000000 } from './1763700000000-callbacks.ts';
import { CorrelationId1764500000000 } from './1764500000000-correlation-id.ts';

/** In their order. */
export const migrations = [
  CreateCases1763600000000,
  Callbacks1763700000000,
  CorrelationId1764500000000,
];
