import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CatalogEnvironment, type Member } from '../../test/catalog-environment.ts';
import { field, fresh, next, apiError, schema, type } from '../../test/registrations.ts';
import { Catalog } from '../event-types/catalog.ts';
import { EventTypesService, ShippedSchemaBroken } from '../event-types/event-types.service.ts';
import { seeds } from '../seeds/seeds.ts';
import { start } from '../service.ts';

let environment: CatalogEnvironment;
let team: Member;
beforeAll(async () => {
  environment = await CatalogEnvironment.start();
  team = await environment.team('ledger', ['ledger.']);
});
afterAll(() => environment.stop());

test('a type is published, with its owner and the team’s topic, before the 201 is sent', async () => {
  const name = fresh();
  const made = await team.client.register(type(name));
  await environment.view.catchUp();
  expect(environment.view.get(`${name}@1`)).toMatchObject({
    name,
    version: 1,
    owner: team.organizationId,
    sourceTopic: 'events.ledger',
    status: 'active',
    audience: 'partner',
    ordering: 'key',
    callback: 'none',
    addressees: null,
    downConversion: null,
    schema,
  });
  expect(await team.client.eventType(name, 1)).toEqual(made);
});

test('the first type of a team creates its topic and its dead-letter topic', async () => {
  const other = await environment.team('stock', ['stock.']);
  await other.client.register(type('stock.moved'));
  expect((await environment.log.endOffsets('events.stock')).size).toBe(12);
  expect((await environment.log.endOffsets('events.stock.dlq')).size).toBe(1);
});

test('a request repeated with the same Idempotency-Key registers once; another request with it is refused', async () => {
  const [name, key] = [fresh(), randomUUID()];
  const both = await Promise.all([
    team.client.register(type(name), key),
    team.client.register(type(name), key),
  ]);
  expect(both[0]).toEqual(both[1]);
  expect(await apiError(team.client.register(type(fresh()), key))).toMatchObject({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  const again = randomUUID();
  const version = await team.client.createVersion(name, next, again);
  expect(await team.client.createVersion(name, next, again)).toEqual(version);
  expect((await team.client.versions(name)).items).toHaveLength(2);
});

test('TW-25 TW-28 a new version can have breaking changes; the previous version stays as it is', async () => {
  const name = fresh();
  const first = await team.client.register(type(name));
  const second = await team.client.createVersion(name, { ...next, version: 2 });
  expect(second).toMatchObject({ version: 2, trigger: first.trigger, category: first.category });
  expect((await team.client.versions(name)).items).toEqual([first, second]);
  await environment.view.catchUp();
  expect(environment.view.get(`${name}@1`)?.status).toBe('active');
  const { changes } = await team.client.diff(name, 1, 2);
  expect(changes.filter((one) => one.breaking).map(({ path, kind }) => [path, kind])).toEqual([
    ['/cents', 'property-removed'],
    ['/amount', 'property-added'],
    ['/amount', 'required-added'],
  ]);
});

test('of two concurrent requests for the same next version one is refused', async () => {
  const name = fresh();
  await team.client.register(type(name));
  const outcomes = await Promise.allSettled([
    team.client.createVersion(name, { ...next, version: 2 }),
    team.client.createVersion(name, { ...next, version: 2 }),
  ]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('within a version only descriptions can change; every breaking change is reported with its path', async () => {
  const name = fresh();
  await team.client.register(type(name));
  const described = { ...schema, description: 'What was booked' };
  expect(
    await team.client.change(name, 1, { schema: described, trigger: 'Something was booked' }),
  ).toMatchObject({ schema: described, trigger: 'Something was booked' });
  const broken = {
    ...schema,
    properties: { account: { type: 'string' }, cents: { type: 'number', minimum: 0 } },
    required: ['account'],
  };
  expect(await apiError(team.client.change(name, 1, { schema: broken }))).toEqual({
    status: 409,
    code: 'SCHEMA_INCOMPATIBLE',
    errors: expect.arrayContaining([
      field('schema.account', 'minLength-loosened'),
      field('schema.cents', 'type-widened'),
      field('schema.cents', 'required-removed'),
    ]),
  });
  expect((await team.client.eventType(name, 1)).schema).toEqual(described);
  expect((await team.client.schemas(name, 1)).items.map((one) => one.schema)).toEqual([
    schema,
    described,
  ]);
});

test('a reserved version is a draft until it becomes active', async () => {
  const name = fresh();
  await team.client.register(type(name, { status: 'reserved' }));
  await team.client.change(name, 1, { schema: next.schema, sample: next.sample });
  await team.client.changeStatus(name, 1, 'active');
  expect(
    await apiError(team.client.change(name, 1, { schema, sample: type('').sample })),
  ).toMatchObject({
    code: 'SCHEMA_INCOMPATIBLE',
  });
});

test('a status changes only to an allowed next status', async () => {
  const name = fresh();
  await team.client.register(type(name, { status: 'reserved' }));
  const step = (status: 'reserved' | 'active' | 'deprecated' | 'retired') =>
    team.client.changeStatus(name, 1, status);
  expect(await apiError(step('deprecated'))).toMatchObject({
    status: 409,
    code: 'STATUS_STEP_REFUSED',
  });
  await step('active');
  expect(await apiError(step('reserved'))).toEqual({
    status: 409,
    code: 'STATUS_STEP_REFUSED',
    errors: [{ field: 'status', rule: 'after active comes deprecated' }],
  });
  expect(await apiError(step('retired'))).toMatchObject({ status: 409 });
  await step('deprecated');
  await step('active');
  await step('deprecated');
  await step('retired');
  expect(await apiError(step('active'))).toMatchObject({ status: 409 });
  expect(await apiError(team.client.change(name, 1, { trigger: 'x' }))).toMatchObject({
    code: 'EVENT_TYPE_RETIRED',
  });
  await environment.view.catchUp();
  expect(environment.view.get(`${name}@1`)?.status).toBe('retired');
});

describe('TG-8 the team that publishes a seeded type of another system takes it over', () => {
  test('an active type keeps its schema and its rules', async () => {
    const sessions = await environment.team('sessions', ['sessions.']);
    const seeded = seeds.find(({ name }) => name === 'session.completed')!;
    const { name, category, sample } = seeded;
    const command = {
      name,
      category,
      sample: sample as Record<string, unknown>,
      trigger: 'A session is over',
    };
    const wrong = { ...command, schema, sample: type('').sample };
    expect(await apiError(sessions.client.register(wrong))).toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
    });
    const adopted = await sessions.client.register({ ...command, schema: seeded.schema });
    expect(adopted).toMatchObject({
      owner: sessions.organizationId,
      sourceTopic: 'events.sessions',
      callback: 'also',
      trigger: 'A session is over',
      version: 1,
    });
    const again = await environment.team('sessions', ['sessions.']);
    expect(
      await apiError(again.client.register({ ...command, schema: seeded.schema })),
    ).toMatchObject({ status: 403, code: 'PREFIX_FOREIGN' });
    const second = await sessions.client.createVersion(name, {
      ...next,
      downConversion: `{"session_id": "${randomUUID()}", "applicant_id": "${randomUUID()}", "status": account, "completed_at": null, "completion_data": null}`,
    });
    expect(second.version).toBe(2);
    // The next start does not change the team's type.
    await new EventTypesService(new Catalog(environment.database.pool, environment.log)).seed(
      seeds,
    );
    expect(await sessions.client.eventType(name, 1)).toEqual(adopted);
  });

  test('TG-12 a reserved type gets the schema of the team', async () => {
    const applicants = await environment.team('applicants', ['applicant.']);
    const adopted = await applicants.client.register(type('applicant.withdrawn'));
    expect(adopted).toMatchObject({ status: 'active', schema, sourceTopic: 'events.applicants' });
  });

  test('a type of another team or of Casewire is refused', async () => {
    const both = await environment.team('greedy', ['screening.', 'case.']);
    for (const name of ['screening.completed', 'case.submitted'])
      expect(await apiError(both.client.register(type(name)))).toEqual({
        status: 409,
        code: 'EVENT_TYPE_EXISTS',
        errors: [field('name', 'is taken')],
      });
  });
});

test('lists can be filtered and are paged', async () => {
  const all = await team.client.eventTypes({ owner: 'casewire' });
  expect(all.next).toBeNull();
  expect(new Set(all.items.map(({ owner }) => owner))).toEqual(new Set(['casewire']));
  const reserved = await team.client.eventTypes({ owner: 'screening', status: 'reserved' });
  expect(reserved.items.length).toBeGreaterThan(0);
  expect(reserved.items.every(({ status }) => status === 'reserved')).toBe(true);
  const screening = await team.client.eventTypes({ category: 'Screening', limit: 2 });
  expect(screening.items.map(({ name }) => name)).toEqual(['screening.completed', 'screening.hit']);
  const rest = await team.client.eventTypes({ category: 'Screening', cursor: screening.next! });
  expect(rest.items.map(({ name }) => name)).toEqual(['screening.started']);
});

test('a breaking change of a shipped schema stops the start', async () => {
  const service = new EventTypesService(new Catalog(environment.database.pool, environment.log));
  const broken = seeds.map((one) =>
    one.name === 'case.submitted' ? { ...one, schema: { type: 'object' } } : one,
  );
  await expect(service.seed(broken)).rejects.toThrow(ShippedSchemaBroken);
  await expect(service.seed(broken)).rejects.toThrow(/case\.submitted@1 .*properties-opened/s);
  await service.seed(seeds);
});

test('instances that start at the same time create the same catalog and publish only changes', async () => {
  await environment.view.catchUp();
  const before = environment.view.offset;
  const others = await Promise.all([start(environment.env), start(environment.env)]);
  await Promise.all(others.map((one) => one.stop()));
  await environment.view.catchUp();
  expect(environment.view.offset).toBe(before);
});
