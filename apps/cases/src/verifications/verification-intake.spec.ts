import { inTransaction } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { TestDatabase } from '@casewire/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { casesDatabase } from '../../test/cases-database.ts';
import { untilBlocked } from '../../test/until-blocked.ts';
import { orderErased, read, stateChanged, verification } from '../../test/verification-events.ts';
import { lockPosition, positions, raisePosition } from './position.query.ts';
import { VerificationIntake } from './verification-intake.ts';
import { saveStates } from './verification.query.ts';

let database: TestDatabase;
let lines: object[];
let intake: VerificationIntake;
const newIntake = (pool = database.pool) =>
  new VerificationIntake(pool, {
    error: (line: object) => lines.push(line),
  } as unknown as Logger);
beforeAll(async () => {
  database = await casesDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate verification, verification_position');
  lines = [];
  intake = newIntake();
});

/** The stored verifications: state and whether deleted, by id. */
async function stored(): Promise<Record<string, [string, boolean]>> {
  const { rows } = await database.pool.query<{ id: string; state: string; deleted: boolean }>(
    'select id, state, deleted from verification',
  );
  return Object.fromEntries(rows.map(({ id, state, deleted }) => [id, [state, deleted]]));
}
const position = async (partition = 0) => (await positions(database.pool)).get(partition);

const one = verification();
const two = verification();

test('the last state of each verification is stored, with the position of the partition', async () => {
  await intake.ingest([
    read(stateChanged(one, 'pending-approval'), 3, 7),
    read(stateChanged(two, 'processing'), 4, 7),
    read(stateChanged(one, 'processing'), 5, 7),
    read(stateChanged(one, 'completed'), 6, 7),
  ]);
  expect(await stored()).toEqual({
    [one.id]: ['completed', false],
    [two.id]: ['processing', false],
  });
  expect(await positions(database.pool)).toEqual(new Map([[7, 7n]]));
});

const history = [
  read(stateChanged(one, 'pending-approval'), 0),
  read(stateChanged(one, 'processing'), 1),
  read(stateChanged(one, 'action-required'), 2),
  read(stateChanged(one, 'processing'), 3),
  read(stateChanged(one, 'invalid'), 4),
];

test.each([
  ['the whole history again', [0, 5]],
  ['a batch again', [1, 3]],
  ['a single record again', [2, 3]],
])('%s changes neither a state nor the position', async (_, [from, to]) => {
  await intake.ingest(history);
  await newIntake().ingest(history.slice(from, to));
  expect(await stored()).toEqual({ [one.id]: ['invalid', false] });
  expect(await position()).toBe(5n);
});

test('of a batch that overlaps with an earlier one the new records are stored', async () => {
  await intake.ingest(history.slice(0, 3));
  await intake.ingest([...history.slice(1, 3), read(stateChanged(two, 'processing'), 3)]);
  expect(await stored()).toEqual({
    [one.id]: ['action-required', false],
    [two.id]: ['processing', false],
  });
});

test('positions of partitions are apart: the same offset of another partition is new', async () => {
  await intake.ingest(history);
  await intake.ingest([read(stateChanged(two, 'processing'), 0, 1)]);
  expect((await stored())[two.id]).toEqual(['processing', false]);
});

test('other events, and those of other services, are skipped without a look at their value, and raise the position', async () => {
  const { headers, ...record } = stateChanged(one, 'processing');
  const others = ['case.completed', 'order.created', 'task.status_updated'].map((type, offset) =>
    read({ ...record, value: '{', headers: { ...headers, ce_type: type } }, offset),
  );
  const ofCases = { ...headers, ce_source: '/casewire/cases' };
  const strange = read({ ...stateChanged(one, 'processing'), headers: ofCases }, 4);
  await intake.ingest([...others, read({ ...record, value: null }, 3), strange]);
  expect(await stored()).toEqual({});
  expect(await position()).toBe(5n);
  expect(lines).toEqual([]);
});

test('an event that another consumer was ahead of does not lower the position', async () => {
  await intake.ingest(history);
  const other = { ...history[1]!, headers: { ce_type: 'case.completed' } };
  await newIntake().ingest([other]);
  expect(await position()).toBe(5n);
});

describe('a record that does not follow its contract is logged and skipped, and the records around it are stored', () => {
  const changed = stateChanged(one, 'processing');
  const withData = (changes: object) => ({
    ...changed,
    value: JSON.stringify({ ...JSON.parse(changed.value as string), ...changes }),
  });
  const withHeader = (changes: object) => ({
    ...changed,
    headers: { ...changed.headers, ...changes },
  });
  test.each([
    ['is not JSON', { ...changed, value: '{"state":' }],
    ['has no value', { ...changed, value: null }],
    ['has an unknown state', withData({ state: 'paused' })],
    ['has an id that cannot be stored', withData({ verificationId: 'a\0b' })],
    ['has no order', withData({ orderId: undefined })],
    ['is for no organization', withHeader({ ce_organization: 'acme' })],
    ['is for an unknown environment', withHeader({ ce_environment: 'test' })],
    [
      'erases no list',
      { ...orderErased(one, []), value: JSON.stringify({ orderId: one.orderId }) },
    ],
  ])('that %s', async (_, malformed) => {
    await intake.ingest([
      read(stateChanged(two, 'processing'), 0),
      read(malformed, 1),
      read(stateChanged(two, 'completed'), 2),
    ]);
    expect(await stored()).toEqual({ [two.id]: ['completed', false] });
    expect(await position()).toBe(3n);
    expect(lines).toMatchObject([{ event: 'verification.record-skipped', offset: '1' }]);
  });
});

describe('a deleted order', () => {
  test('has no verification that comes back, known before or not', async () => {
    const unseen = { ...one, id: two.id };
    await intake.ingest([
      read(stateChanged(one, 'processing'), 0),
      read(orderErased(one, [one.id, unseen.id]), 1),
    ]);
    const deleted = { [one.id]: ['processing', true], [unseen.id]: ['canceled', true] };
    expect(await stored()).toEqual(deleted);
    await intake.ingest([
      read(stateChanged(unseen, 'processing'), 2),
      read(orderErased(one, [one.id]), 3),
    ]);
    expect(await stored()).toEqual({ ...deleted, [unseen.id]: ['processing', true] });
  });

  test.each([
    ['in one batch', [[0, 3]]],
    [
      'in a batch each',
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    ],
  ])(
    'deletes what was published before its erasure, and nothing after it, %s',
    async (_, batches) => {
      const later = { ...one, id: two.id };
      const published = [
        read(stateChanged(one, 'processing'), 0),
        read(orderErased(one, [one.id]), 1),
        read(stateChanged(later, 'processing'), 2),
      ];
      for (const [from, to] of batches) await intake.ingest(published.slice(from, to));
      expect(await stored()).toEqual({
        [one.id]: ['processing', true],
        [later.id]: ['processing', false],
      });
    },
  );

  test('is deleted with all of its verifications that are stored, and with no other', async () => {
    await intake.ingest([
      read(stateChanged(one, 'processing'), 0),
      read(stateChanged(two, 'processing'), 1),
      read(orderErased(one, []), 2),
    ]);
    expect(await stored()).toEqual({
      [one.id]: ['processing', true],
      [two.id]: ['processing', false],
    });
  });
});

test.each(['organizationId', 'environment', 'orderId'] as const)(
  'a verification keeps its %s, and an event with another one changes nothing',
  async (name) => {
    const other = { ...one, [name]: name === 'environment' ? 'production' : two[name] };
    await intake.ingest([read(stateChanged(one, 'processing'), 0)]);
    await intake.ingest([read(stateChanged(other, 'canceled'), 1)]);
    expect(await stored()).toEqual({ [one.id]: ['processing', false] });
  },
);

describe.each([
  ['another organization', { organizationId: verification().organizationId }],
  ['the other environment', { environment: 'production' as const }],
])('an event of %s', (_, tenant) => {
  test.each([
    ['a state', stateChanged({ ...one, ...tenant }, 'canceled')],
    ['an erasure', orderErased({ ...one, ...tenant }, [one.id])],
  ])(
    'with %s changes no verification, neither alone nor in one batch with its own events',
    async (__, other) => {
      await intake.ingest([read(stateChanged(one, 'processing'), 0)]);
      await intake.ingest([read(other, 1)]);
      expect(await stored()).toEqual({ [one.id]: ['processing', false] });
      await intake.ingest([
        read(other, 2),
        read(stateChanged(one, 'completed'), 3),
        read(other, 4),
      ]);
      expect(await stored()).toEqual({ [one.id]: ['completed', false] });
    },
  );
});

test('a consumer that lost its partition waits for the one that has it, and then puts no older state back', async () => {
  await intake.ingest(history.slice(0, 1));
  let old: Promise<void> | undefined;
  await inTransaction(database.pool, async (client) => {
    await lockPosition(client, 0);
    old = intake.ingest(history.slice(1, 4));
    await untilBlocked(database.pool);
    await saveStates(client, [{ ...one, state: 'invalid' }]);
    await raisePosition(client, 0, 5n);
  });
  await old;
  expect(await stored()).toEqual({ [one.id]: ['invalid', false] });
  expect(await position()).toBe(5n);
});

test('two consumers of one partition at the same time end with the last state', async () => {
  await Promise.all(
    history.flatMap((_, i) => [
      newIntake().ingest(history.slice(0, i + 1)),
      newIntake().ingest(history),
    ]),
  );
  expect(await stored()).toEqual({ [one.id]: ['invalid', false] });
  expect(await position()).toBe(5n);
});

test('while the database is away a batch fails with the error for which records wait', async () => {
  const away = new Pool({ connectionString: 'postgres://127.0.0.1:1/none' });
  for (const batch of [history, [read({ ...stateChanged(one, 'processing'), headers: {} }, 0)]])
    await expect(newIntake(away).ingest(batch)).rejects.toMatchObject({ retriable: 'forever' });
  await away.end();
  expect(await stored()).toEqual({});
});

test('each commit is announced once to those who wait for it', async () => {
  const { nextCommit } = intake;
  await intake.ingest(history);
  await nextCommit;
  expect(intake.nextCommit).not.toBe(nextCommit);
});
