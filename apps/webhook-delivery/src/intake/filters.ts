import type { EventFilter } from '@casewire/contracts';

/** Whether all conditions hold for the event's data. */
export const passes = (
  filters: readonly EventFilter[],
  data: Readonly<Record<string, unknown>>,
): boolean => filters.every((filter) => holds(filter, valueAt(data, filter.path)));

/** What stands at a path of property names; only what is the data's own, nothing that objects have by nature. */
function valueAt(data: unknown, path: string): unknown {
  let at = data;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** What is of another kind than it is compared with is neither equal to it nor before or behind it. */
function holds({ operator, value: wanted }: EventFilter, value: unknown): boolean {
  switch (operator) {
    case 'exists':
      return (value !== undefined) === (wanted !== false);
    case 'eq':
      return value === wanted;
    case 'ne':
      return value !== wanted;
    case 'in':
      return listOf(wanted).includes(value);
    case 'nin':
      return !listOf(wanted).includes(value);
    case 'prefix':
      return typeof value === 'string' && typeof wanted === 'string' && value.startsWith(wanted);
    case 'gt':
      return ordered(value, wanted, (order) => order > 0);
    case 'gte':
      return ordered(value, wanted, (order) => order >= 0);
    case 'lt':
      return ordered(value, wanted, (order) => order < 0);
    case 'lte':
      return ordered(value, wanted, (order) => order <= 0);
  }
}

const listOf = (wanted: EventFilter['value']): unknown[] =>
  Array.isArray(wanted) ? wanted : [wanted];

/** Numbers by size, texts by their characters: so times in ISO 8601 and UTC are in order. */
function ordered(value: unknown, wanted: unknown, is: (order: number) => boolean): boolean {
  if (typeof value === 'number' && typeof wanted === 'number') return is(value - wanted);
  if (typeof value !== 'string' || typeof wanted !== 'string') return false;
  return is(value < wanted ? -1 : value > wanted ? 1 : 0);
}
