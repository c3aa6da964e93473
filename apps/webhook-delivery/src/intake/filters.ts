import type { EventFilter } from '@casewire/contracts';

/** Whether the event's data meets all conditions. */
export const passesFilters = (
  filters: readonly EventFilter[],
  data: Readonly<Record<string, unknown>>,
): boolean => filters.every((filter) => isMet(filter, valueAt(data, filter.path)));

/** The value at a path of property names. Only own properties count, no inherited ones. */
function valueAt(data: unknown, path: string): unknown {
  let at = data;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** Values of different types are not equal, and have no order. */
function isMet({ operator, value: expected }: EventFilter, value: unknown): boolean {
  switch (operator) {
    case 'exists':
      return (value !== undefined) === (expected !== false);
    case 'eq':
      return value === expected;
    case 'ne':
      return value !== expected;
    case 'in':
      return listOf(expected).includes(value);
    case 'nin':
      return !listOf(expected).includes(value);
    case 'prefix':
      return (
        typeof value === 'string' && typeof expected === 'string' && value.startsWith(expected)
      );
    case 'gt':
      return ordered(value, expected, (order) => order > 0);
    case 'gte':
      return ordered(value, expected, (order) => order >= 0);
    case 'lt':
      return ordered(value, expected, (order) => order < 0);
    case 'lte':
      return ordered(value, expected, (order) => order <= 0);
  }
}

const listOf = (expected: EventFilter['value']): unknown[] =>
  Array.isArray(expected) ? expected : [expected];

/** Compares numbers by size and texts by their characters, which is the order of time for ISO 8601 in UTC. */
function ordered(value: unknown, expected: unknown, is: (order: number) => boolean): boolean {
  if (typeof value === 'number' && typeof expected === 'number') return is(value - expected);
  if (typeof value !== 'string' || typeof expected !== 'string') return false;
  return is(value < expected ? -1 : value > expected ? 1 : 0);
}
