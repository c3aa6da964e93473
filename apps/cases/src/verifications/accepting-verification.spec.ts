import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { submitting, upload } from '../../test/case-trial.ts';
import { casesDatabase } from '../../test/cases-database.ts';
import { untilBlocked } from '../../test/until-blocked.ts';
import { orderErased, read, stateChanged, verification } from '../../test/verification-events.ts';
import type { SubmitUploads } from '../case/case-command.ts';
import { execute } from '../case/case-repository.ts';
import { lockAccepting } from './accepting-verification.ts';
import { VerificationIntake } from './verification-intake.ts';
import { saveStates } from './verification.query.ts';

let database: TestDatabase;
let intake: VerificationIntake;
const one = verification();
beforeAll(async () => {
  database = await casesDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate verification, verification_position');
  intake = new VerificationIntake(database.pool, {} as Logger);
  await intake.ingest([read(stateChanged(one, 'processing'), 0)]);
});

/** Submits a case for the verification, as a submission does in its transaction. @returns the id of the case */
const submit = (afterLock: () => unknown = () => undefined) =>
  inTransaction(database.pool, async (client) => {
    const caseId = randomUUID();
    const locked = await lockAccepting(client, one, one.id);
    await afterLock();
    const command = submitting([upload()]) as SubmitUploads;
    await execute(client, caseId, { ...command, verification: locked });
    return caseId;
  });

const linkedCases = async () => {
  const { rows } = await database.pool.query<{ id: string }>(
    'select id from case_view where verification_id = $1',
    [one.id],
  );
  return rows.map(({ id }) => id);
};

test.each(['processing', 'action-required', 'completed'] as const)(
  'a verification that is %s accepts a case',
  async (state) => {
    await intake.ingest([read(stateChanged(one, state), 1)]);
    const caseId = await submit();
    expect(await linkedCases()).toContain(caseId);
  },
);

test.each([
  ['pending-approval', 409, 'VERIFICATION_NOT_APPROVED'],
  ['canceled', 409, 'VERIFICATION_CLOSED'],
  ['invalid', 409, 'VERIFICATION_CLOSED'],
] as const)(
  'a verification that is %s accepts none, and the refusal names the state',
  async (state, status, code) => {
    const before = await linkedCases();
    await intake.ingest([read(stateChanged(one, state), 1)]);
    const rule = `must be the id of a verification that accepts cases; this one is ${state}`;
    await expect(submit()).rejects.toMatchObject({
      status,
      code,
      message: expect.stringContaining(state),
      errors: [{ field: 'verificationId', rule }],
    });
    expect(await linkedCases()).toEqual(before);
  },
);

test.each([
  ['of a deleted order', one, () => intake.ingest([read(orderErased(one, [one.id]), 1)])],
  ['of another tenant', { ...one, organizationId: randomUUID() }, () => undefined],
])('a verification %s is not found', async (_, tenant, prepare) => {
  await prepare();
  const lock = inTransaction(database.pool, (client) => lockAccepting(client, tenant, one.id));
  await expect(lock).rejects.toMatchObject({
    status: 404,
    code: 'NOT_FOUND',
    errors: [{ field: 'verificationId' }],
  });
});

test('without an id there is no verification', async () => {
  const lock = inTransaction(database.pool, (client) => lockAccepting(client, one, undefined));
  expect(await lock).toBeNull();
});

test('a submission that locks the verification first is accepted, and the verification closes after it', async () => {
  let closing: Promise<void> | undefined;
  const caseId = await submit(async () => {
    closing = intake.ingest([read(stateChanged(one, 'canceled'), 1)]);
    await untilBlocked(database.pool);
  });
  await closing;
  expect(await linkedCases()).toContain(caseId);
  await expect(submit()).rejects.toMatchObject({ code: 'VERIFICATION_CLOSED' });
});

test('a submission that comes while the verification closes waits, and is refused', async () => {
  const before = await linkedCases();
  let submitted: Promise<unknown> | undefined;
  await inTransaction(database.pool, async (client) => {
    await saveStates(client, [{ ...one, state: 'canceled' }]);
    submitted = submit().catch((error: unknown) => error);
    await untilBlocked(database.pool);
  });
  expect(await submitted).toMatchObject({ code: 'VERIFICATION_CLOSED' });
  expect(await linkedCases()).toEqual(before);
});

test('submissions for one verification do not wait for each other', async () => {
  let other: string | undefined;
  const caseId = await submit(async () => (other = await submit()));
  expect(await linkedCases()).toEqual(expect.arrayContaining([caseId, other]));
});
