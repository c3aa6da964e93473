import { CreateCatalog1764600000000 } from './1764600000000-create-catalog.ts';

/** In their order. */
export const migrations = [CreateCatalog1764600000000];
