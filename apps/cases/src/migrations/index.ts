import { CreateCases1764600000000 } from './1764600000000-create-cases.ts';

/** In their order. */
export const migrations = [CreateCases1764600000000];
