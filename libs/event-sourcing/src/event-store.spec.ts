import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { append, eventStoreTables, readStream, VersionConflict } from './event-store.ts';

interface Counted {
  type: 'Counted';
  by: number;
}
const counted = (by: number): Counted => ({ type: 'Counted', by });

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(eventStoreTables);
});
afterAll(() => database.drop());

const appendAt = (streamId: string, expectedVersion: number, ...events: Counted[]) =>
  inTransaction(database.pool, (client) => append(client, { streamId, expectedVersion, events }));
const read = (streamId: string) =>
  inTransaction(database.pool, (client) => readStream<Counted>(client, streamId));

test('several events are appended at once and read back in their order', async () => {
  const id = randomUUID();
  const stored = await appendAt(id, 0, counted(1), counted(2), counted(3));
  expect(stored.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(await read(id)).toEqual({ version: 3, events: [counted(1), counted(2), counted(3)] });
});

test('an append on an earlier version is refused and stores nothing', async () => {
  const id = randomUUID();
  await appendAt(id, 0, counted(1));
  await expect(appendAt(id, 0, counted(2))).rejects.toThrow(VersionConflict);
  await appendAt(id, 1, counted(2));
  await expect(appendAt(id, 1, counted(3), counted(4))).rejects.toThrow(VersionConflict);
  expect((await read(id)).events).toEqual([counted(1), counted(2)]);
});

test('a transaction that reads a stream locks it, so that no other one decides on an outdated state', async () => {
  const id = randomUUID();
  await appendAt(id, 0, counted(0));
  const add = () =>
    inTransaction(database.pool, async (client) => {
      const { version } = await readStream<Counted>(client, id);
      await append(client, { streamId: id, expectedVersion: version, events: [counted(version)] });
    });
  await Promise.all(Array.from({ length: 10 }, add));
  expect((await read(id)).events.map(({ by }) => by)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
