import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Schema } from '../schema.ts';
import { Converter } from './converter.ts';
import { checkDownConversion } from './down-conversion.ts';

let converter: Converter;
beforeEach(() => {
  converter = new Converter();
});
afterEach(() => converter.close());

const forever = '($f := function() { $f() }; $f())';

test('an expression converts data of one form into data of another', async () => {
  const data = { first: 'Ada', last: 'Lovelace', tags: ['a', 'b'] };
  expect(
    await converter.convert(
      '{"name": first & " " & last, "tags": [tags], "count": $count(tags)}',
      data,
    ),
  ).toEqual({ ok: true, data: { name: 'Ada Lovelace', tags: ['a', 'b'], count: 2 } });
  expect(await converter.convert('$sift(function($v, $k) { $k != "last" })', data)).toEqual({
    ok: true,
    data: { first: 'Ada', tags: ['a', 'b'] },
  });
});

test('the same expression gives the same result again, whatever ran in between', async () => {
  const first = await converter.convert('{"a": a}', { a: 1 });
  await converter.convert('($a := 5; {"b": $a})', {});
  expect(await converter.convert('{"a": a}', { a: 1 })).toEqual(first);
});

test.each([
  ['(', 'is not valid JSONata'],
  ['a'.repeat(20_000), 'is longer than'],
  ['$now()', 'uses $now'],
  ['{"a": $millis()}', 'uses $millis'],
  ['[1..3].$random()', 'uses $random'],
  ['$shuffle(a)', 'uses $shuffle'],
  ['$eval("1")', 'uses $eval'],
  ['($e := $eval; $e("1"))', 'uses $eval'],
  ['missing', 'it has no result'],
  ['$error("no")', 'no'],
  ['$pad("x", 1048577)', 'its result has more than 1048576 characters'],
  ['[1..9000000]', 'maximum sequence length'],
  ['($f := function($n) { 1 + $f($n + 1) }; $f(0))', 'Stack overflow'],
])('%s fails with a reason', async (expression, reason) => {
  expect(await converter.convert(expression, { a: [1] })).toEqual({
    ok: false,
    reason: expect.stringContaining(reason),
  });
});

describe('a conversion cannot leave the sandbox', () => {
  test.each([
    '$.constructor.constructor("return process")()',
    '$lookup({}, "constructor")',
    '$lookup($, "__proto__")',
    '$sum.constructor',
    '"".constructor',
    '$process',
    '$globalThis',
    '$require("node:fs")',
  ])('%s', async (expression) => {
    expect(await converter.convert(expression, { a: 1 })).toMatchObject({ ok: false });
  });

  test('a change of built-in objects does not reach the next conversion', async () => {
    await converter.convert('$ ~> |$|{"__proto__": {"polluted": 1}}|', { a: 1 });
    expect(await converter.convert('{"b": polluted, "c": $keys({})}', {})).toEqual({
      ok: true,
      data: {},
    });
  });
});

test.each([
  ['that never ends', forever, 'it takes more than 50 ms'],
  [
    'whose regular expression never ends',
    '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)',
    'it takes more than 50 ms',
  ],
  [
    'that allocates much memory at once',
    '$split($pad("x", 80000000, "ab"), "")',
    'it needs more than 64 MB|it takes more than 50 ms',
  ],
])(
  'a conversion %s is killed and does not harm the waiting ones',
  async (_, expression, reason) => {
    const [ended, ...others] = await Promise.all([
      converter.convert(expression, { a: 1 }),
      ...Array.from({ length: 5 }, (__, i) => converter.convert('{"b": a}', { a: i })),
    ]);
    expect(ended).toEqual({ ok: false, reason: expect.stringMatching(reason) });
    expect(others).toEqual(Array.from({ length: 5 }, (__, i) => ({ ok: true, data: { b: i } })));
  },
);

test('a conversion that uses too much memory fails alone', async () => {
  const patient = new Converter({ cpuMs: 20_000, clockMs: 20_000 });
  const doubling =
    '($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f("xxxxxxxxxx", 25)))';
  expect(await patient.convert(doubling, {})).toEqual({
    ok: false,
    reason: 'it needs more than 64 MB, or it crashed',
  });
  expect(await patient.convert('{"b": 1}', {})).toEqual({ ok: true, data: { b: 1 } });
  await patient.close();
});

test('a conversion that exceeds the elapsed time is killed, too', async () => {
  const impatient = new Converter({ cpuMs: 60_000, clockMs: 100 });
  expect(await impatient.convert(forever, {})).toEqual({
    ok: false,
    reason: 'it did not finish within 100 ms',
  });
  await impatient.close();
});

test('a closed converter converts nothing', async () => {
  await converter.close();
  expect(await converter.convert('{"a": 1}', {})).toEqual({
    ok: false,
    reason: 'the converter is closed',
  });
});

const before: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, risk: { enum: ['low', 'high'] } },
  required: ['name', 'risk'],
  additionalProperties: false,
};
const after: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    score: { type: ['integer', 'null'], minimum: 0, maximum: 100 },
  },
  required: ['name'],
  additionalProperties: false,
};
const sample = { name: 'Ada', score: 5 };
const check = (downConversion: string) =>
  checkDownConversion({ schema: after, sample, downConversion }, { schema: before }, converter);

test('a down-conversion that fits every value passes', async () => {
  expect(
    await check('{"name": name, "risk": $type(score) = "number" and score > 50 ? "high" : "low"}'),
  ).toEqual({
    ok: true,
    values: 201,
  });
});

test('a down-conversion that fails for another value than the sample is refused with the value and the path', async () => {
  const checked = await check('{"name": name, "risk": score > 50 ? "high" : "low"}');
  expect(checked).toMatchObject({ ok: false, value: { score: null }, path: '' });
});

test('a down-conversion with an invalid result is refused with the path', async () => {
  expect(await check('{"name": name, "risk": "medium"}')).toMatchObject({
    ok: false,
    value: sample,
    path: '/risk',
    reason: expect.stringContaining('"low","high"'),
  });
});
