import { inTransaction } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  publishReferences,
  ReferenceStore,
  referenceTable,
  type ReferenceMessage,
} from './reference-store.ts';

interface Thing {
  name: string;
  owner: string | null;
}
const things = new ReferenceStore<Thing>('registry.things', ({ owner }) => owner);

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await database.pool.query(referenceTable);
});
afterEach(() => database.drop());

/** A compacted topic: the last record of a key stays. */
class CompactedTopic {
  readonly records = new Map<
    string,
    { name: string; revision: number; deletedAt: string | null }
  >();
  send = async (messages: ReferenceMessage[]) => {
    for (const { key, value } of messages) this.records.set(key, JSON.parse(value));
  };
}
const publish = (topic: CompactedTopic) =>
  inTransaction(database.pool, (client) =>
    publishReferences(client, ['registry.things'], topic.send),
  );

test('what changed is published once, with a revision that rises', async () => {
  const topic = new CompactedTopic();
  await things.create(database.pool, '1', { name: 'a', owner: 'o' });
  expect(await publish(topic)).toBe(1);
  await things.replace(database.pool, '1', { name: 'b', owner: 'o' });
  expect(await publish(topic)).toBe(1);
  expect(await publish(topic)).toBe(0);
  expect(topic.records.get('1')).toMatchObject({ name: 'b', revision: 2, deletedAt: null });
});

test('a deletion is published, and the record is no longer found', async () => {
  const topic = new CompactedTopic();
  await things.create(database.pool, '1', { name: 'a', owner: 'o' });
  expect(await things.remove(database.pool, '1')).toBe(true);
  expect(await things.remove(database.pool, '1')).toBe(false);
  await publish(topic);
  expect(topic.records.get('1')?.deletedAt).not.toBeNull();
  expect(await things.get(database.pool, '1')).toBeUndefined();
  expect(await things.count(database.pool, 'o')).toBe(0);
});

test('what could not be published is published the next time', async () => {
  await things.create(database.pool, '1', { name: 'a', owner: 'o' });
  const broken = inTransaction(database.pool, (client) =>
    publishReferences(client, ['registry.things'], () => Promise.reject(new Error('no broker'))),
  );
  await expect(broken).rejects.toThrow('no broker');
  const topic = new CompactedTopic();
  expect(await publish(topic)).toBe(1);
});

test('many publishers at once leave the newest revision at the end of the topic', async () => {
  const topic = new CompactedTopic();
  await things.create(database.pool, '1', { name: '0', owner: 'o' });
  await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      await things.replace(database.pool, '1', { name: `${i}`, owner: 'o' });
      await publish(topic);
    }),
  );
  expect(topic.records.get('1')).toMatchObject({ revision: 9 });
});

test('a list gives an owner what is its own, and one more than the limit', async () => {
  for (const id of ['1', '2', '3'])
    await things.create(database.pool, id, { name: id, owner: 'o' });
  await things.create(database.pool, '4', { name: '4', owner: 'other' });
  expect((await things.list(database.pool, 'o', 2)).map(({ name }) => name)).toEqual([
    '1',
    '2',
    '3',
  ]);
  expect((await things.list(database.pool, 'o', 2, '2')).map(({ name }) => name)).toEqual(['3']);
});
