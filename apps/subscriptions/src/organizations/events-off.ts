import { ApiError } from '@casewire/service';
import { dialects } from '@casewire/webhooks';

import type { Catalog } from '../endpoints/catalog.ts';

/** An event type that cannot be turned off under any of its names (TI-4). */
const alwaysOn = 'case.completed';

/**
 * Checks the names of events to turn off: each must be an event type of the catalog, with any status, or a dialect's name.
 * @throws ApiError 422 with each name that is neither, or that cannot be turned off
 */
export function checkEventsOff(names: readonly string[], catalog: Pick<Catalog, 'all'>): void {
  const types = new Set(catalog.all().map(({ name }) => name));
  const faults = names.flatMap((name, i) => {
    const rule = faultOf(name, types);
    return rule === null ? [] : [{ field: `eventsOff.${i}`, rule }];
  });
  if (faults.length > 0)
    throw new ApiError(422, 'EVENT_TYPE_UNKNOWN', 'some events cannot be turned off', faults);
}

function faultOf(name: string, types: ReadonlySet<string>): string | null {
  if (types.has(name)) return null;
  const named = Object.values(dialects).flatMap(({ eventNames }) => eventNames?.get(name) ?? []);
  if (named.length === 0)
    return `${name} is neither an event type of the catalog nor a name of a dialect`;
  return named.includes(alwaysOn) ? `${name} is always on` : null;
}
