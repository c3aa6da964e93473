import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { ApiError } from '@casewire/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CatalogEnvironment, type Member } from '../../test/catalog-environment.ts';
import { Catalog } from '../event-types/catalog.ts';
import { ShippedSchemaBroken } from '../event-types/event-types.service.ts';
import { EventTypesService } from '../event-types/event-types.service.ts';
import { seeds } from '../seeds/seeds.ts';
import { start } from '../service.ts';

let environment: CatalogEnvironment;
let team: Member;
beforeAll(async () => {
  environment = await CatalogEnvironment.start();
  team = await environment.team('ledger', ['ledger.']);
});
afterAll(() => environment.stop());

const schema = {
  type: 'object',
  properties: {
    account: { type: 'string', minLength: 1 },
    cents: { type: 'integer', minimum: 0 },
  },
  required: ['account', 'cents'],
  additionalProperties: false,
};
const type = (name: string, more: object = {}) => ({
  name,
  category: 'Ledger',
  trigger: 'An amount was booked',
  schema,
  sample: { account: 'a-1', cents: 250 },
  ...more,
});
const next = {
  schema: {
    type: 'object',
    properties: {
      account: { type: 'string', minLength: 1 },
      amount: { type: 'number', minimum: 0 },
    },
    required: ['account', 'amount'],
    additionalProperties: false,
  },
  sample: { account: 'a-1', amount: 2.5 },
  downConversion: '{"account": account, "cents": $round(amount * 100)}',
};
let serial = 0;
const fresh = () => `ledger.Booked-${++serial}`;

/** The problem in the response to a refused request. */
async function refusal(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof ApiError)) throw error ?? new Error('the request was not refused');
  return { status: error.status, code: error.problem?.code, errors: error.problem?.errors ?? [] };
}
const field = (name: string, rule: string) => ({
  field: name,
  rule: expect.stringContaining(rule),
});

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
  expect(await refusal(team.client.register(type(fresh()), key))).toMatchObject({
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
  expect(await refusal(team.client.change(name, 1, { schema: broken }))).toEqual({
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
    await refusal(team.client.change(name, 1, { schema, sample: type('').sample })),
  ).toMatchObject({
    code: 'SCHEMA_INCOMPATIBLE',
  });
});

test('a status changes only to an allowed next status', async () => {
  const name = fresh();
  await team.client.register(type(name, { status: 'reserved' }));
  const step = (status: 'reserved' | 'active' | 'deprecated' | 'retired') =>
    team.client.changeStatus(name, 1, status);
  expect(await refusal(step('deprecated'))).toMatchObject({
    status: 409,
    code: 'STATUS_STEP_REFUSED',
  });
  await step('active');
  expect(await refusal(step('reserved'))).toEqual({
    status: 409,
    code: 'STATUS_STEP_REFUSED',
    errors: [{ field: 'status', rule: 'after active comes deprecated' }],
  });
  expect(await refusal(step('retired'))).toMatchObject({ status: 409 });
  await step('deprecated');
  await step('active');
  await step('deprecated');
  await step('retired');
  expect(await refusal(step('active'))).toMatchObject({ status: 409 });
  expect(await refusal(team.client.change(name, 1, { trigger: 'x' }))).toMatchObject({
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
    expect(await refusal(sessions.client.register(wrong))).toMatchObject({
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
      await refusal(again.client.register({ ...command, schema: seeded.schema })),
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
      expect(await refusal(both.client.register(type(name)))).toEqual({
        status: 409,
        code: 'EVENT_TYPE_EXISTS',
        errors: [field('name', 'is taken')],
      });
  });
});

describe('an invalid request is refused with the name of the field', () => {
  const root = (properties: object) => ({ ...schema, properties, required: [] });
  test.each<[string, object, number, string, object[]]>([
    ['a bad name', { name: 'ledger.a b' }, 400, 'VALIDATION_FAILED', [field('name', '1 to 128')]],
    [
      'a long name',
      { name: `ledger.${'a'.repeat(128)}` },
      400,
      'VALIDATION_FAILED',
      [field('name', '1 to 128')],
    ],
    [
      'a foreign prefix',
      { name: 'stock.moved2' },
      403,
      'PREFIX_FOREIGN',
      [field('name', 'ledger.')],
    ],
    [
      'a name that contains the prefix without its dot',
      { name: 'ledgers.x' },
      403,
      'PREFIX_FOREIGN',
      [field('name', 'ledger.')],
    ],
    ['NUL in a text', { trigger: 'a\0b' }, 400, 'VALIDATION_FAILED', [field('trigger', 'NUL')]],
    [
      'NUL in the schema',
      { schema: root({ a: { const: '\0' } }) },
      400,
      'VALIDATION_FAILED',
      [field('schema.properties.a.const', 'NUL')],
    ],
    [
      'NUL in the sample',
      { sample: { account: '\0', cents: 1 } },
      400,
      'VALIDATION_FAILED',
      [field('sample.account', 'NUL')],
    ],
    [
      'half a character',
      { sample: { account: '\ud800', cents: 1 } },
      400,
      'VALIDATION_FAILED',
      [field('sample.account', 'half of a surrogate pair')],
    ],
    [
      'an unknown keyword',
      { schema: root({ a: { contains: {} } }) },
      400,
      'VALIDATION_FAILED',
      [field('schema.properties.a.contains', 'is not a keyword')],
    ],
    [
      'a remote reference',
      { schema: root({ a: { $ref: 'https://example.com/x' } }) },
      400,
      'VALIDATION_FAILED',
      [field('schema.properties.a.$ref', 'other documents are not fetched')],
    ],
    [
      'a pattern that looks back',
      { schema: root({ a: { pattern: '(a)\\1' } }) },
      400,
      'VALIDATION_FAILED',
      [field('schema.properties.a.pattern', 'uses \\1')],
    ],
    [
      'a schema that is too large',
      {
        schema: root({
          a: { description: 'x'.repeat(9_000) },
          ...Object.fromEntries(
            Array.from({ length: 8 }, (_, i) => [`b${i}`, { description: 'x'.repeat(9_000) }]),
          ),
        }),
      },
      400,
      'VALIDATION_FAILED',
      [field('schema', 'larger than')],
    ],
    [
      'a sample that does not follow the schema',
      { sample: { account: 'a', cents: -1 } },
      400,
      'VALIDATION_FAILED',
      [field('sample.cents', 'must be >= 0')],
    ],
    [
      'a sample that is not an object',
      { sample: [] },
      400,
      'VALIDATION_FAILED',
      [field('sample', 'record')],
    ],
    [
      'a down-conversion at version 1',
      { downConversion: 'x' },
      400,
      'VALIDATION_FAILED',
      [field('downConversion', 'is not a field')],
    ],
    ['a version', { version: 2 }, 400, 'VALIDATION_FAILED', [field('version', 'is not a field')]],
    [
      'an invalid addressee',
      { addressees: ['me'] },
      400,
      'VALIDATION_FAILED',
      [field('addressees.0', 'UUID')],
    ],
    [
      'a status that a new type cannot have',
      { status: 'retired' },
      400,
      'VALIDATION_FAILED',
      [field('status', 'reserved')],
    ],
  ])('%s', async (_, change, status, code, errors) => {
    expect(await refusal(team.client.register(type(fresh(), change) as never))).toEqual({
      status,
      code,
      errors,
    });
  });

  test.each([
    ['deep', (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
    ['deep in arrays', (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`],
  ])('a schema or sample that is nested too %s', async (_, nested) => {
    const { schema: _schema, sample: _sample, ...rest } = type(fresh());
    for (const [name, other] of [
      ['schema', 'sample'],
      ['sample', 'schema'],
    ]) {
      const body = `${JSON.stringify(rest).slice(0, -1)},"${other}":{},"${name}":${nested(50_000)}}`;
      const response = await fetch(`${environment.url}/catalog/v1/event-types`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': team.key },
        body,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [field(name!, 'nested deeper')] });
    }
  });

  test('a body that is too large', async () => {
    const large = type(fresh(), { sample: { account: 'x'.repeat(1_100_000), cents: 1 } });
    expect(await refusal(team.client.register(large))).toMatchObject({ status: 413 });
  });

  const name = 'ledger.versions';
  beforeAll(() => team.client.register(type(name)));
  test.each<[string, object, object[]]>([
    ['no down-conversion', { downConversion: undefined }, [field('downConversion', 'string')]],
    [
      'one that is not valid JSONata',
      { downConversion: '{' },
      [field('downConversion', 'is not valid JSONata')],
    ],
    [
      'one that reads the clock',
      { downConversion: '{"a": $now()}' },
      [field('downConversion', 'uses $now')],
    ],
    [
      'one that fails',
      { downConversion: '$error("no")' },
      [field('downConversion', 'no, for {"account"')],
    ],
    [
      'one that never ends',
      { downConversion: '($f := function() { $f() }; $f())' },
      [field('downConversion', 'more than 50 ms')],
    ],
    [
      'one whose result does not follow the schema',
      { downConversion: '{"account": account}' },
      [field('downConversion', "'cents'; the result is")],
    ],
    [
      'one that works for the sample only',
      { downConversion: '{"account": account, "cents": 250 + (amount - 2.5)}' },
      [field('downConversion', '/cents must be integer')],
    ],
    ['a version after the next', { version: 4 }, [field('version', 'must be 2')]],
    ['an existing version', { version: 1 }, [field('version', 'must be 2')]],
    [
      'a schema that is not for an object',
      { schema: { type: 'string' } },
      [field('schema.type', 'must be object')],
    ],
  ])('a version with %s', async (_, change, errors) => {
    const command = { ...next, ...change };
    expect(await refusal(team.client.createVersion(name, command))).toEqual({
      status: 400,
      code: 'VALIDATION_FAILED',
      errors,
    });
  });

  test('a removed down-conversion, or one for version 1', async () => {
    const own = fresh();
    await team.client.register(type(own));
    await team.client.createVersion(own, next);
    for (const [version, downConversion] of [
      [2, null],
      [1, '{}'],
    ] as const)
      expect(await refusal(team.client.change(own, version, { downConversion }))).toMatchObject({
        code: 'VALIDATION_FAILED',
        errors: [{ field: 'downConversion' }],
      });
  });

  test.each(['0', '-1', '1.5', 'latest', '1e3', '99999999999', '%00'])(
    'the version %s',
    async (version) => {
      expect(
        await refusal(team.client.api.call(`/catalog/v1/event-types/${name}/${version}`)),
      ).toMatchObject({ status: 400, errors: [{ field: 'version' }] });
    },
  );

  test.each([
    ['%00', 400],
    ['a%00b', 400],
    ['%F0%9F%98%80', 400],
    ['x'.repeat(500), 400],
  ])('the name %s is answered with %i', async (bad, status) => {
    for (const path of [`${bad}/1`, `${bad}/versions`])
      expect(await refusal(team.client.api.call(`/catalog/v1/event-types/${path}`))).toMatchObject({
        status,
      });
    expect(
      await refusal(
        team.client.api.call(`/catalog/v1/event-types/${bad}/1`, {
          method: 'PATCH',
          body: { status: 'active' },
        }),
      ),
    ).toMatchObject({ status });
  });

  test.each(['cursor=x', 'cursor=IgA', 'status=gone', 'limit=0', 'limit=1000', 'owner=%00'])(
    'the query %s',
    async (query) => {
      const [parameter] = query.split('=');
      expect(await refusal(team.client.api.call(`/catalog/v1/event-types?${query}`))).toMatchObject(
        { status: 400, errors: [{ field: parameter }] },
      );
    },
  );
});

describe('permissions', () => {
  test('only a team with the scope catalog:write can register a type', async () => {
    const partner = await environment.member();
    expect(await refusal(partner.client.register(type('ledger.x')))).toMatchObject({
      status: 403,
      code: 'NOT_A_TEAM',
    });
    const reader = await environment.team('readers', ['readers.'], ['endpoints:read']);
    expect(await refusal(reader.client.register(type('readers.x')))).toMatchObject({
      status: 403,
      code: 'SCOPE_MISSING',
    });
    const stranger = await fetch(`${environment.url}/catalog/v1/event-types`);
    expect(stranger.status).toBe(401);
  });

  test.each(['casewire', 'registry'])('no team can have the topic events.%s', async (slug) => {
    const impostor = await environment.team(slug, ['impostor.']);
    expect(await refusal(impostor.client.register(type('impostor.x')))).toMatchObject({
      status: 403,
      code: 'TEAM_RESERVED',
    });
  });

  test('types of another team and of Casewire are not found by a request that changes them', async () => {
    const name = fresh();
    await team.client.register(type(name));
    const other = await environment.team('others', ['ledger.', 'case.']);
    for (const foreign of [name, 'case.submitted', 'ledger.nothing']) {
      for (const work of [
        () => other.client.createVersion(foreign, next),
        () => other.client.change(foreign, 1, { trigger: 'mine now' }),
        () => other.client.changeStatus(foreign, 1, 'deprecated'),
      ])
        expect(await refusal(work())).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    expect(await refusal(other.client.register(type(name)))).toMatchObject({
      status: 409,
      code: 'EVENT_TYPE_EXISTS',
    });
  });

  test('TE-6 internal types are shown to teams and not found by partners', async () => {
    const name = fresh();
    await team.client.register(type(name, { audience: 'internal' }));
    const partner = await environment.member();
    const names = async (member: Member, query = {}) =>
      (await member.client.eventTypes(query)).items.map((one) => one.name);
    expect(await names(team)).toEqual(expect.arrayContaining([name, 'case.erased']));
    expect(await names(team, { audience: 'internal' })).toEqual(
      expect.arrayContaining([name, 'case.erased']),
    );
    const seen = await names(partner);
    expect(seen).toContain('case.submitted');
    expect(seen).not.toContain(name);
    expect(seen).not.toContain('case.erased');
    expect(await names(partner, { audience: 'internal' })).toEqual([]);
    for (const work of [
      () => partner.client.eventType(name, 1),
      () => partner.client.versions(name),
      () => partner.client.schemas(name, 1),
      () => partner.client.diff(name, 1, 1),
    ])
      expect(await refusal(work())).toMatchObject({ status: 404 });
  });

  test('a type with addressees is shown to them only, and the list of addressees to its owner only', async () => {
    const [chosen, other] = [await environment.member(), await environment.member()];
    const name = fresh();
    await team.client.register(type(name, { addressees: [chosen.organizationId] }));
    expect(await chosen.client.eventType(name, 1)).not.toHaveProperty('addressees');
    expect(await team.client.eventType(name, 1)).toMatchObject({
      addressees: [chosen.organizationId],
    });
    expect(await refusal(other.client.eventType(name, 1))).toMatchObject({ status: 404 });
    const seen = (await other.client.eventTypes()).items;
    expect(seen.map((one) => one.name)).not.toContain(name);
  });
});

test('lists can be filtered and are paged', async () => {
  const all = await team.client.eventTypes({ owner: 'casewire' });
  expect(all.next).toBeNull();
  expect(new Set(all.items.map(({ owner }) => owner))).toEqual(new Set(['casewire']));
  const reserved = await team.client.eventTypes({ owner: 'casewire', status: 'reserved' });
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
