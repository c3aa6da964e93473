import { casewireTypes } from './casewire-types.ts';
import type { CataloguedType } from './seed.ts';
import { teamTypes } from './team-types.ts';

/** What the catalog holds from the first start on. */
export const seeds: readonly CataloguedType[] = [...casewireTypes, ...teamTypes];
