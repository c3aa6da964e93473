import type { EventFilter } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { passesFilters } from './filters.ts';

const data = {
  result: 'failed',
  pages: 3,
  paid: true,
  nothing: null,
  at: '2026-01-22T10:30:00Z',
  about: { type: { name: 'passport' } },
  list: ['a'],
};

test.each<[EventFilter['path'], EventFilter['operator'], EventFilter['value'], boolean]>([
  ['result', 'eq', 'failed', true],
  ['result', 'eq', 'succeeded', false],
  ['pages', 'eq', '3', false],
  ['paid', 'eq', true, true],
  ['nothing', 'eq', null, true],
  ['absent', 'eq', null, false],
  ['result', 'ne', 'succeeded', true],
  ['absent', 'ne', 'succeeded', true],
  ['pages', 'ne', '3', true],
  ['result', 'in', ['failed', 'partially_failed'], true],
  ['result', 'in', ['succeeded'], false],
  ['result', 'in', 'failed', true],
  ['pages', 'in', ['3'], false],
  ['absent', 'in', ['x'], false],
  ['result', 'nin', ['succeeded'], true],
  ['absent', 'nin', ['x'], true],
  ['result', 'exists', true, true],
  ['nothing', 'exists', true, true],
  ['absent', 'exists', true, false],
  ['absent', 'exists', false, true],
  ['about.type.name', 'eq', 'passport', true],
  ['about.type', 'eq', 'passport', false],
  ['about.type.name.more', 'exists', true, false],
  ['list.0', 'eq', 'a', true],
  ['result', 'prefix', 'fail', true],
  ['pages', 'prefix', '3', false],
  ['pages', 'gt', 2, true],
  ['pages', 'gt', 3, false],
  ['pages', 'gte', 3, true],
  ['pages', 'lt', 4, true],
  ['pages', 'lte', 2, false],
  ['pages', 'gt', '2', false],
  ['at', 'gt', '2026-01-01T00:00:00Z', true],
  ['at', 'lt', '2026-01-01T00:00:00Z', false],
  ['absent', 'lt', 1, false],
  // Inherited properties are not part of the data.
  ['constructor.name', 'exists', true, false],
  ['__proto__', 'exists', true, false],
  ['result.length', 'gt', 0, false],
])('%s %s %j: %s', (path, operator, value, expected) => {
  expect(passesFilters([{ path, operator, value }], data)).toBe(expected);
});

test('an event passes if it meets all conditions, or if there are none', () => {
  const failed: EventFilter = { path: 'result', operator: 'eq', value: 'failed' };
  expect(passesFilters([failed, { path: 'pages', operator: 'gt', value: 2 }], data)).toBe(true);
  expect(passesFilters([failed, { path: 'pages', operator: 'gt', value: 3 }], data)).toBe(false);
  expect(passesFilters([], data)).toBe(true);
});
