import type { Logger } from '@casewire/telemetry';
import type { TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { casesDatabase } from '../../test/cases-database.ts';
import { orderErased, read, stateChanged, verification } from '../../test/verification-events.ts';
import { KnownVerifications, type WaitLimits } from './known-verifications.ts';
import { VerificationIntake } from './verification-intake.ts';

let database: TestDatabase;
let intake: VerificationIntake;
/** The end of each partition of the topic. */
let ends: Map<number, bigint>;
/** The first record of each partition that the topic still has. */
let starts: Map<number, bigint>;
let asked: number;
/** How often the table was read during a wait. */
let looks: number;
const logger = {} as Logger;
beforeAll(async () => {
  database = await casesDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate verification, verification_position');
  intake = new VerificationIntake(database.pool, logger);
  ends = new Map([
    [0, 0n],
    [1, 0n],
  ]);
  starts = new Map();
  asked = 0;
  looks = 0;
});

const log = {
  endOffsets: async () => {
    asked++;
    return ends;
  },
  startOffsets: async () => starts,
};
/** A test that waits for one of these by mistake fails by its own time limit. */
const never = 3_600_000;
const known = (limits: Partial<WaitLimits> = {}, endOffsets = log.endOffsets) =>
  new KnownVerifications(database.pool, { endOffsets, startOffsets: log.startOffsets }, commits, {
    total: never,
    between: never,
    ...limits,
  });
const commits = {
  get nextCommit() {
    looks++;
    return intake.nextCommit;
  },
};

const one = verification();
const ingest = (...records: Parameters<typeof read>[]) =>
  intake.ingest(records.map((args) => read(...args)));
const processing = { id: one.id, orderId: one.orderId, state: 'processing' };

test.each(['processing', 'action-required', 'completed', 'canceled', 'invalid'] as const)(
  'a verification that is known as %s is found at once',
  async (state) => {
    await ingest([stateChanged(one, state), 0]);
    expect(await known().find(one, one.id.toUpperCase())).toEqual({ ...processing, state });
    expect(asked).toBe(0);
  },
);

test('a verification that is unknown where the table has the whole topic is not waited for', async () => {
  await ingest([stateChanged(verification(), 'processing'), 4]);
  ends.set(0, 5n);
  expect(await known().find(one, one.id)).toBeUndefined();
  expect(asked).toBe(1);
});

test('one that was published before the request is found after the commit of this process', async () => {
  ends.set(1, 1n);
  const found = known().find(one, one.id);
  await expect.poll(() => asked).toBe(1);
  await ingest([stateChanged(one, 'processing'), 0, 1]);
  expect(await found).toEqual(processing);
});

test('one that another process consumes is found when the table is read again', async () => {
  ends.set(1, 1n);
  const found = known({ between: 10 }).find(one, one.id);
  await expect.poll(() => asked).toBe(1);
  await new VerificationIntake(database.pool, logger).ingest([
    read(stateChanged(one, 'processing'), 0, 1),
  ]);
  expect(await found).toEqual(processing);
});

test('one is found as soon as it is stored, also while other partitions are behind', async () => {
  ends.set(0, 7n).set(1, 1n);
  const found = known().find(one, one.id);
  await expect.poll(() => asked).toBe(1);
  await ingest([stateChanged(one, 'processing'), 0, 1]);
  expect(await found).toEqual(processing);
});

test('the wait for an unknown one ends when all partitions are at the end that the topic had', async () => {
  ends.set(0, 2n).set(1, 1n);
  const found = known().find(one, one.id);
  await expect.poll(() => looks).toBe(1);
  await ingest([stateChanged(verification(), 'processing'), 1, 0]);
  // It reads the table again, and waits for the other partition.
  await expect.poll(() => looks).toBe(2);
  // What is published during the wait is not part of it.
  ends = new Map([[1, 100n]]);
  await ingest([stateChanged(verification(), 'processing'), 0, 1]);
  expect(await found).toBeUndefined();
});

/** The verification can exist: the request is to be sent again. */
const behind = { status: 503, code: 'VERIFICATIONS_BEHIND', headers: { 'retry-after': '2' } };

test('while the consumer lags, the response after the limit is 503', async () => {
  ends.set(0, 1n);
  const start = performance.now();
  await expect(known({ total: 300, between: 20 }).find(one, one.id)).rejects.toMatchObject(behind);
  expect(performance.now() - start).toBeGreaterThan(290);
});

test('while the broker does not answer, the response after the limit is 503', async () => {
  const silent = () => new Promise<Map<number, bigint>>(() => undefined);
  await expect(known({ total: 100 }, silent).find(one, one.id)).rejects.toMatchObject(behind);
});

test('a partition whose records were all deleted by their age is not waited for', async () => {
  ends.set(0, 9n);
  starts.set(0, 9n);
  expect(await known().find(one, one.id)).toBeUndefined();
});

test('where the broker refuses to answer the request fails, so that it is sent again', async () => {
  const failure = Object.assign(new Error('no broker'), { code: 'EVENT_LOG_UNAVAILABLE' });
  await expect(known({}, () => Promise.reject(failure)).find(one, one.id)).rejects.toBe(failure);
});

describe('one that waits for its approval', () => {
  beforeEach(() => ingest([stateChanged(one, 'pending-approval'), 0]));

  test('is found as approved if that was published before the request', async () => {
    ends.set(0, 2n);
    const found = known().find(one, one.id);
    await expect.poll(() => asked).toBe(1);
    await ingest([stateChanged(one, 'processing'), 1]);
    expect(await found).toEqual(processing);
  });

  test('is found as it is where the table has the whole topic', async () => {
    ends.set(0, 1n);
    expect(await known().find(one, one.id)).toEqual({ ...processing, state: 'pending-approval' });
  });
});

describe.each([
  ['another organization', { ...one, organizationId: verification().organizationId }],
  ['the other environment', { ...one, environment: 'production' as const }],
])('for %s a verification', (_, tenant) => {
  test('is unknown, and waited for like one that does not exist', async () => {
    await ingest([stateChanged(one, 'processing'), 0]);
    ends.set(0, 1n).set(1, 1n);
    const found = known().find(tenant, one.id);
    await expect.poll(() => asked).toBe(1);
    await ingest([stateChanged(verification(), 'processing'), 0, 1]);
    expect(await found).toBeUndefined();
  });
});

test('a verification of a deleted order is unknown, and waited for like one that does not exist', async () => {
  await ingest([stateChanged(one, 'processing'), 0], [orderErased(one, [one.id]), 1]);
  ends.set(0, 2n).set(1, 1n);
  const found = known().find(one, one.id);
  await expect.poll(() => asked).toBe(1);
  await ingest([stateChanged(verification(), 'processing'), 0, 1]);
  expect(await found).toBeUndefined();
});
