import type { EventType } from '@casewire/contracts';
import { migrate } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { Catalog } from '../event-types/catalog.ts';
import { versionsOf } from '../event-types/event-type-store.ts';
import { EventTypesService } from '../event-types/event-types.service.ts';
import { schemasOf } from '../event-types/schema-history.ts';
import { migrations } from '../migrations/index.ts';
import type { CataloguedType } from './seed.ts';
import { seeds } from './seeds.ts';

let database: TestDatabase;
let published: EventType[];
let eventTypes: EventTypesService;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  published = [];
  const log = {
    send: async (records: readonly { value?: unknown }[]) => {
      for (const { value } of records) published.push(JSON.parse(String(value)) as EventType);
    },
  };
  eventTypes = new EventTypesService(new Catalog(database.pool, log));
});
afterAll(() => database.drop());

/** The seeds of the version before: these types were reserved with a smaller schema, and one type did not exist. */
const reserved = ['document.assessed', 'review.resolved', 'case.revised'];
const draft = {
  type: 'object',
  properties: { caseId: { type: 'string', format: 'uuid' }, resolvedBy: { type: 'string' } },
  required: ['caseId'],
  additionalProperties: false,
} satisfies CataloguedType['schema'];
const earlier = seeds
  .filter(({ name }) => name !== 'case.canceled')
  .map((type): CataloguedType =>
    reserved.includes(type.name)
      ? { ...type, status: 'reserved', schema: draft, sample: {} }
      : type,
  );

test('a catalog in which a type is reserved starts with seeds in which it is active, with their schema', async () => {
  await eventTypes.seed(earlier);
  expect((await versionsOf(database.pool, 'review.resolved'))[0]).toMatchObject({
    status: 'reserved',
    schema: draft,
  });
  published.length = 0;

  await eventTypes.seed(seeds);

  const changed = seeds.filter(({ name }) => [...reserved, 'case.canceled'].includes(name));
  for (const type of changed) {
    expect(await versionsOf(database.pool, type.name)).toEqual([
      JSON.parse(JSON.stringify({ ...type, status: 'active' })),
    ]);
    // Nothing was published with the draft, so it is no part of the version.
    const history = await schemasOf(database.pool, type.name, 1);
    expect(history.map(({ schema }) => schema)).toEqual([type.schema]);
  }
  expect(published.map(({ name, status }) => [name, status]).toSorted()).toEqual(
    changed.map(({ name }) => [name, 'active']).toSorted(),
  );
});

test('from then on its schema cannot change', async () => {
  await eventTypes.seed(seeds);
  const changed = seeds.map((type) =>
    type.name === 'review.resolved' ? { ...type, schema: draft } : type,
  );
  await expect(eventTypes.seed(changed)).rejects.toMatchObject({ code: 'SHIPPED_SCHEMA_BROKEN' });
});
