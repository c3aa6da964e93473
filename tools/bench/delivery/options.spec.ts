import { expect, test } from 'vitest';

import { OptionsInvalid, parts, readOptions } from './options.ts';

test('without arguments every part is measured, on the embedded broker', () => {
  const { kafka, only, json, rates, backlog } = readOptions([], {});
  expect({ kafka, only: [...only], json, rates, backlog }).toEqual({
    kafka: 'embedded',
    only: [...parts],
    json: false,
    rates: [100, 300, 1000],
    backlog: 1_000_000,
  });
});

test('arguments and variables choose what is measured', () => {
  const { kafka, only, json, rates, events } = readOptions(
    ['--kafka', 'apache', '--only=drain,rates', '--json'],
    { BENCH_EVENTS: '2000', BENCH_RATES: '50,70' },
  );
  expect({ kafka, only: [...only], json, rates, events }).toEqual({
    kafka: 'apache',
    only: ['drain', 'rates'],
    json: true,
    rates: [50, 70],
    events: 2000,
  });
});

test.each([
  [['--kafka', 'redpanda'], {}, /^--kafka: .*"embedded"\|"apache"/],
  [['--only', 'drain,speed'], {}, /^--only\.1: .*"drain"/],
  [['--fast'], {}, /--fast/],
  [['drain'], {}, /drain/],
  [[], { BENCH_EVENTS: '0' }, /^BENCH_EVENTS: .*>=1/],
  [[], { BENCH_SECONDS: 'long' }, /^BENCH_SECONDS: .*number/],
  [[], { BENCH_RATES: '100,' }, /^BENCH_RATES\.1: .*>=1/],
])('%j with %j is refused, and the option is named', (args, env, message) => {
  const read = () => readOptions(args, env);
  expect(read).toThrow(OptionsInvalid);
  expect(read).toThrow(message);
});
