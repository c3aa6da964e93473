import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CatalogEnvironment, type Member } from '../../test/catalog-environment.ts';
import { field, fresh, next, apiError, schema, type } from '../../test/registrations.ts';

let environment: CatalogEnvironment;
let team: Member;
beforeAll(async () => {
  environment = await CatalogEnvironment.start();
  team = await environment.team('ledger', ['ledger.']);
});
afterAll(() => environment.stop());

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
    expect(await apiError(team.client.register(type(fresh(), change) as never))).toEqual({
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
    expect(await apiError(team.client.register(large))).toMatchObject({ status: 413 });
  });

  const name = 'ledger.versions';
  beforeAll(() => team.client.register(type(name)));
  test.each<[string, object, object[]]>([
    ['no down-conversion', { downConversion: undefined }, [field('downConversion', 'string')]],
    [
      'one that is not JSONata',
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
    expect(await apiError(team.client.createVersion(name, command))).toEqual({
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
      expect(await apiError(team.client.change(own, version, { downConversion }))).toMatchObject({
        code: 'VALIDATION_FAILED',
        errors: [{ field: 'downConversion' }],
      });
  });

  test.each(['0', '-1', '1.5', 'latest', '1e3', '99999999999', '%00'])(
    'the version %s',
    async (version) => {
      expect(
        await apiError(team.client.api.call(`/catalog/v1/event-types/${name}/${version}`)),
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
      expect(await apiError(team.client.api.call(`/catalog/v1/event-types/${path}`))).toMatchObject(
        {
          status,
        },
      );
    expect(
      await apiError(
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
      expect(
        await apiError(team.client.api.call(`/catalog/v1/event-types?${query}`)),
      ).toMatchObject({ status: 400, errors: [{ field: parameter }] });
    },
  );
});
