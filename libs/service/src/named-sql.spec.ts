import { testDatabase, type TestDatabase } from '@casewire/testing';
import { array, assert, asyncProperty, constantFrom, oneof, string, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { named, NamedSqlError } from './named-sql.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('names are numbered in the order in which they occur, each once', () => {
  expect(named('insert into t (a, b) values (:b, :a) returning :b', { a: 1, b: 2 })).toEqual({
    text: 'insert into t (a, b) values ($1, $2) returning $1',
    values: [2, 1],
  });
});

test.each([
  ['a cast', 'select :a::int, now()::date', 'select $1::int, now()::date'],
  ['a literal', `select ':b', 'it''s :b', :a`, `select ':b', 'it''s :b', $1`],
  ['a literal with escapes', String.raw`select e'\':b', :a`, String.raw`select e'\':b', $1`],
  ['a literal without escapes', String.raw`select 'c:\', :a`, String.raw`select 'c:\', $1`],
  ['a quoted name', 'select 1 as "x:b""y:b", :a', 'select 1 as "x:b""y:b", $1'],
  ['a dollar quote', 'select $$:b$$, $q$ $$ :b $q$, :a', 'select $$:b$$, $q$ $$ :b $q$, $1'],
  ['a comment', 'select :a -- :b\n, 1 /* :b\n */', 'select $1 -- :b\n, 1 /* :b\n */'],
  ['a named argument', 'select make_interval(secs := :a)', 'select make_interval(secs := $1)'],
  ['an operator', `select '{}'::jsonb ? :a`, `select '{}'::jsonb ? $1`],
])('%s stays as it is', (_, text, expected) => {
  expect(named(text, { a: 1 })).toEqual({ text: expected, values: [1] });
});

describe('is refused:', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ['a name without a value', 'select :a, :b', { a: 1 }, ':b has no value'],
    ['a name that every object has', 'select :constructor', {}, ':constructor has no value'],
    ['a value without a name', 'select :a', { a: 1, b: 2, c: 3 }, 'not in the statement: b, c'],
    ['a value whose name is in a literal only', `select ':a'`, { a: 1 }, 'not in the statement: a'],
    ['a numbered parameter', 'select $1, :a', { a: 1 }, '$1 is a numbered parameter'],
  ])('%s', (_, text, values, message) => {
    expect(() => named(text, values)).toThrow(NamedSqlError);
    expect(() => named(text, values)).toThrow(
      expect.objectContaining({ code: 'NAMED_SQL_INVALID', retriable: false, message }),
    );
  });
});

test('an undefined value is null', async () => {
  const { rows } = await database.pool.query(named('select :a::text as a', { a: undefined }));
  expect(rows).toEqual([{ a: null }]);
});

const quoted = (quote: string) => (text: string) =>
  `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
// PostgreSQL refuses NUL in a statement, and an empty quoted name.
const anyText = string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const storable = anyText.map((text) => text.toWellFormed().replaceAll('\0', ''));
const literal = oneof(
  storable,
  constantFrom(':a', '::', `'`, '"', '$1', '$$', '--', '/*', '\\', ':name'),
);

/** Columns of a select, each with the value that PostgreSQL returns for it. */
const column = oneof(
  tuple(constantFrom('a', 'b', 'c1', 'd_d'), literal).map(([name, value]) => ({
    name,
    value,
  })),
  literal.map((value) => ({ sql: quoted(`'`)(value), value })),
);

test('PostgreSQL returns every value where its name was, and every literal unchanged', async () => {
  await assert(
    asyncProperty(
      array(column, { minLength: 1, maxLength: 8 }),
      literal,
      async (columns, alias) => {
        const values: Record<string, string> = {};
        for (const one of columns) if ('name' in one) values[one.name] ??= one.value;
        const list = columns.map((one) =>
          'name' in one ? `:${one.name}::text` : `${one.sql}::text`,
        );
        const name = alias.slice(0, 8).toWellFormed() || 'x';
        const text = `select /* :a ' */ array[${list.join(', ')}] as ${quoted('"')(name)} -- :b "`;
        const { rows } = await database.pool.query<Record<string, string[]>>(named(text, values));
        expect(Object.values(rows[0]!)[0]).toEqual(
          columns.map((one) => ('name' in one ? values[one.name] : one.value)),
        );
      },
    ),
    { numRuns: 200 },
  );
});
