import { inTransaction } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  publishReferences,
  ReferenceStore,
  referenceTable,
  type ReferenceMessage,
} from './reference-store.ts';

interface Item {
  name: string;
  owner: string | null;
}
const items = new ReferenceStore<Item>('registry.items', ({ owner }) => owner);

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await database.pool.query(referenceTable);
});
afterEach(() => database.drop());

/** A compacted topic: it keeps the last record of each key. */
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
    publishReferences(client, ['registry.items'], topic.send),
  );

test('a change is published once, with a higher revision', async () => {
  const topic = new CompactedTopic();
  await items.create(database.pool, '1', { name: 'a', owner: 'o' });
  expect(await publish(topic)).toBe(1);
  await items.replace(database.pool, '1', { name: 'b', owner: 'o' });
  expect(await publish(topic)).toBe(1);
  expect(await publish(topic)).toBe(0);
  expect(topic.records.get('1')).toMatchObject({ name: 'b', revision: 2, deletedAt: null });
});

test('a deletion is published, and the record is not found any more', async () => {
  const topic = new CompactedTopic();
  await items.create(database.pool, '1', { name: 'a', owner: 'o' });
  expect(await items.remove(database.pool, '1')).toBe(true);
  expect(await items.remove(database.pool, '1')).toBe(false);
  await publish(topic);
  expect(topic.records.get('1')?.deletedAt).not.toBeNull();
  expect(await items.get(database.pool, '1')).toBeUndefined();
  expect(await items.count(database.pool, 'o')).toBe(0);
});

test('records that could not be published are published the next time', async () => {
  await items.create(database.pool, '1', { name: 'a', owner: 'o' });
  const broken = inTransaction(database.pool, (client) =>
    publishReferences(client, ['registry.items'], () => Promise.reject(new Error('no broker'))),
  );
  await expect(broken).rejects.toThrow('no broker');
  const topic = new CompactedTopic();
  expect(await publish(topic)).toBe(1);
});

test('many concurrent publishers leave the latest revision at the end of the topic', async () => {
  const topic = new CompactedTopic();
  await items.create(database.pool, '1', { name: '0', owner: 'o' });
  await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      await items.replace(database.pool, '1', { name: `${i}`, owner: 'o' });
      await publish(topic);
    }),
  );
  expect(topic.records.get('1')).toMatchObject({ revision: 9 });
});

test('a list has the records of one owner only, and one more than the limit', async () => {
  for (const id of ['1', '2', '3']) await items.create(database.pool, id, { name: id, owner: 'o' });
  await items.create(database.pool, '4', { name: '4', owner: 'other' });
  expect((await items.list(database.pool, 'o', 2)).map(({ name }) => name)).toEqual([
    '1',
    '2',
    '3',
  ]);
  expect((await items.list(database.pool, 'o', 2, '2')).map(({ name }) => name)).toEqual(['3']);
});
