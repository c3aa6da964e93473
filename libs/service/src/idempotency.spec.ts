import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { fingerprint, deleteOldResponses, idempotencyTable, idempotent } from './idempotency.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(idempotencyTable);
  await database.pool.query('create table effect (n int)');
});
afterAll(() => database.drop());

// This seal only reverses the bytes: encryption is not tested here.
const seal = {
  seal: (value: Uint8Array) => Buffer.from(Uint8Array.from(value).toReversed()).toString('base64'),
  open: (sealed: string) =>
    Buffer.from(Uint8Array.from(Buffer.from(sealed, 'base64')).toReversed()),
};

const request = (key: string | undefined, print: string, answer: () => Promise<unknown>) =>
  inTransaction(database.pool, (client) =>
    idempotent(client, { caller: 'o', key, fingerprint: print }, seal, async () => {
      await client.query('insert into effect values (1)');
      return answer();
    }),
  );

test('of several concurrent requests with the same key one takes effect, and all get its response', async () => {
  const answers = await Promise.all(
    Array.from({ length: 15 }, (_, i) => request('at-once', 'f', async () => ({ by: i }))),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  const { rowCount } = await database.pool.query('select from effect');
  expect(rowCount).toBe(1);
});

test('a key that was used for another request is refused', async () => {
  await request('reused', 'f', async () => 1);
  await expect(request('reused', 'g', async () => 2)).rejects.toMatchObject({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
});

test('a failed request does not use up its key', async () => {
  const failing = request('failed', 'f', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await request('failed', 'other', async () => 'done')).toBe('done');
});

test('a key with other characters than printable ASCII is refused', async () => {
  const refused = request('spaced out', 'f', async () => 1);
  await expect(refused).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_INVALID' });
});

test('responses are sealed, and deleted after a day', async () => {
  await request('secret', 'f', async () => 'whsec_1');
  const stored = await database.pool.query(
    `select response from idempotency_key where key = 'secret'`,
  );
  expect(stored.rows[0].response).not.toContain('whsec');
  await database.pool.query(
    `update idempotency_key set created_at = now() - interval '25 hours' where key = 'secret'`,
  );
  expect(await deleteOldResponses(database.pool)).toBe(1);
});

test('a request whose response was erased is not executed again', async () => {
  await request('erased', 'f', async () => 1);
  await database.pool.query(`update idempotency_key set response = null where key = 'erased'`);
  const { rowCount } = await database.pool.query('select from effect');
  await expect(request('erased', 'f', async () => 2)).rejects.toMatchObject({
    status: 409,
    code: 'RESPONSE_ERASED',
  });
  expect((await database.pool.query('select from effect')).rowCount).toBe(rowCount);
});

test('a different split of the same text has a different fingerprint', () => {
  expect(fingerprint('ab', 'c')).not.toBe(fingerprint('a', 'bc'));
});
