import { casewireTypes } from './casewire-types.ts';
import type { CataloguedType } from './seed.ts';
import { teamTypes } from './team-types.ts';

/** The event types that the catalog has from its first start on. */
export const seeds: readonly CataloguedType[] = [...casewireTypes, ...teamTypes];
