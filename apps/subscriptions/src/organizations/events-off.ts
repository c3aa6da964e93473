import { Refusal } from '@casewire/service';
import { dialects } from '@casewire/webhooks';

import type { Catalog } from '../endpoints/catalog.ts';

/** Always on (TI-4), by whatever name. */
const neverOff = 'case.completed';

/**
 * Checks names of events that are to be off: each is a type of the catalog, whatever its status, or a name in a dialect.
 * @throws Refusal that names each one that is neither, or that cannot be turned off
 */
export function checkEventsOff(names: readonly string[], catalog: Pick<Catalog, 'all'>): void {
  const types = new Set(catalog.all().map(({ name }) => name));
  const faults = names.flatMap((name, i) => {
    const rule = faultOf(name, types);
    return rule === null ? [] : [{ field: `eventsOff.${i}`, rule }];
  });
  if (faults.length > 0)
    throw new Refusal(422, 'EVENT_TYPE_UNKNOWN', 'some events cannot be turned off', faults);
}

function faultOf(name: string, types: ReadonlySet<string>): string | null {
  if (types.has(name)) return null;
  const meant = Object.values(dialects).flatMap(({ eventNames }) => eventNames?.get(name) ?? []);
  if (meant.length === 0)
    return `${name} is no event type of the catalog, and no name in a dialect`;
  return meant.includes(neverOff) ? `${name} is always on` : null;
}
