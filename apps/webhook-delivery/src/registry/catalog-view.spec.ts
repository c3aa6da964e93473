import { eventTypeKey, type EventType } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { catalogOf, eventType } from '../../test/events.ts';
import { CatalogView } from './catalog-view.ts';

const versions = (...types: Partial<EventType>[]) =>
  new CatalogView(catalogOf(...types.map((over) => eventType(over))));

test('a type is found at the given version', () => {
  const view = versions({ version: 1 }, { version: 2 }, { name: 'other', version: 3 });
  expect(view.find('thing.happened', 1)?.version).toBe(1);
  expect(view.find('thing.happened', 3)).toBeUndefined();
});

test('without a version a type is found at its latest active or deprecated version', () => {
  const view = versions(
    { version: 9 },
    { version: 10, status: 'deprecated' },
    { version: 11, status: 'reserved' },
    { version: 12, status: 'retired' },
    { name: 'other', version: 20 },
  );
  expect(view.find('thing.happened', undefined)?.version).toBe(10);
  expect(view.find('nothing', undefined)).toBeUndefined();
});

test('a fault has the path of the invalid value', () => {
  const schema = { type: 'object', properties: { at: { type: 'string', format: 'date-time' } } };
  const type = eventType({ schema });
  const view = versions({});
  expect(view.faultOf(type, { at: '2026-01-22T10:30:00Z' })).toBeNull();
  expect(view.faultOf(type, { at: 'yesterday' })).toMatch(/^\/at /);
  expect(view.faultOf(type, [])).toMatch(/^\/ /);
});

test('a changed schema applies from its revision on', () => {
  const view = versions({});
  const before = eventType({ revision: 1, schema: { type: 'object' } });
  const after = eventType({ revision: 2, schema: { type: 'object', required: ['a'] } });
  expect(eventTypeKey(before.name, before.version)).toBe(eventTypeKey(after.name, after.version));
  expect(view.faultOf(before, {})).toBeNull();
  expect(view.faultOf(after, {})).not.toBeNull();
  expect(view.faultOf(before, {})).toBeNull();
});
