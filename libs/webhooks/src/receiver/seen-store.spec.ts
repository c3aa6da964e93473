import { expect, test } from 'vitest';

import { InMemorySeenStore } from './seen-store.ts';

const clock = () => {
  const state = { time: 0 };
  return { state, now: () => state.time };
};

test('an event is first once, then running, then done', () => {
  const store = new InMemorySeenStore();
  expect(['begin', 'begin'].map(() => store.begin('e1'))).toEqual(['first', 'running']);
  store.finish('e1');
  expect(store.begin('e1')).toBe('done');
  expect(store.begin('e2')).toBe('first');
});

test('an abandoned event is first again', () => {
  const store = new InMemorySeenStore();
  store.begin('e1');
  store.abandon('e1');
  expect(store.begin('e1')).toBe('first');
});

test('a handled event is stored until its time to live ends', () => {
  const { state, now } = clock();
  const store = new InMemorySeenStore({ ttlMs: 1000, now });
  store.begin('e1');
  store.finish('e1');
  state.time = 999;
  expect(store.begin('e1')).toBe('done');
  state.time = 1000;
  expect(store.begin('e1')).toBe('first');
});

test('a claim that is not settled expires', () => {
  const { state, now } = clock();
  const store = new InMemorySeenStore({ leaseMs: 50, now });
  store.begin('e1');
  state.time = 49;
  expect(store.begin('e1')).toBe('running');
  state.time = 50;
  expect(store.begin('e1')).toBe('first');
});

test('beyond the maximum number of entries the oldest are removed', () => {
  const store = new InMemorySeenStore({ maxEntries: 100 });
  for (let i = 0; i < 1000; i += 1) {
    store.begin(`e${i}`);
    store.finish(`e${i}`);
    expect(store.size).toBeLessThanOrEqual(100);
  }
  expect(store.begin('e999')).toBe('done');
  expect(store.begin('e900')).toBe('done');
  expect(store.begin('e899')).toBe('first');
});

test('expired entries are removed before others', () => {
  const { state, now } = clock();
  const store = new InMemorySeenStore({ ttlMs: 10, now });
  store.begin('old');
  store.finish('old');
  state.time = 10;
  store.begin('new');
  expect(store.size).toBe(1);
});
