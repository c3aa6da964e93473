import { CreateCases1764600000000 } from './1764600000000-create-cases.ts';
import { CompleteCases1764700000000 } from './1764700000000-complete-cases.ts';
import { LinkCases1764800000000 } from './1764800000000-link-cases.ts';

/** In their order. */
export const migrations = [
  CreateCases1764600000000,
  CompleteCases1764700000000,
  LinkCases1764800000000,
];
