import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import {
  orderErased,
  stateChanged,
  verification,
  type PublishedVerification,
} from '@casewire/cases/testing';
import { formOf, type Submission } from '@casewire/client';
import { Topics, type Environment, type VerificationState } from '@casewire/contracts';
import { deadLetterTopic, EventLog, KeyedConsumer, type IncomingRecord } from '@casewire/event-log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { expectRefused } from './refused-submission.ts';
import { document, eventOf, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
let log: EventLog;
beforeAll(async () => {
  // A submission is checked before any stage runs.
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner({ audiences: ['partner', 'internal'] });
  log = new EventLog({ brokers: [platform.brokers], clientId: 'test' });
});
afterAll(async () => {
  await log?.close();
  await platform?.stop();
});

/** Publishes the states of a new verification of the partner, one after the other. */
async function published(...states: VerificationState[]): Promise<PublishedVerification> {
  const { organizationId } = partner;
  const created = verification({ organizationId });
  await publish(created, ...states);
  return created;
}
const publish = (about: PublishedVerification, ...states: VerificationState[]) =>
  log.send(states.map((state) => stateChanged(about, state)));

const submission = async (more: Partial<Submission> = {}): Promise<Submission> => ({
  files: [await document('invoice')],
  features: ['extraction'],
  ...more,
});
const submit = async (more: Partial<Submission>, key?: string) =>
  partner.client.submit(await submission(more), key);
const refused = async (more: Partial<Submission>, status: number, code: string) => {
  const body = formOf(await submission(more));
  return expectRefused({ platform, partner }, { body }, status, code);
};

test('a case is submitted for a verification directly after that was published, and is listed by it', async () => {
  const internal = await platform.receiver();
  await platform.operator.provisionEndpoint(partner.organizationId, {
    environment: 'sandbox',
    audience: 'internal',
    url: internal.url('/internal'),
    eventTypes: ['case.linked'],
  });
  const { id, orderId } = await published('processing');
  const view = await submit({ verificationId: id });
  expect(view.verificationId).toBe(id);
  await submit({});
  const { items } = await partner.client.cases({ verificationId: id });
  expect(items).toMatchObject([{ id: view.id, verificationId: id }]);
  expect((await partner.client.cases({ verificationId: randomUUID() })).items).toEqual([]);
  await internal.until((requests) => requests.length === 1);
  expect(eventOf(internal.requests[0]!)).toMatchObject({
    eventName: 'case.linked',
    payload: {
      caseId: view.id,
      orderId,
      verificationId: id,
      stages: ['classification', 'extraction'],
    },
  });
  const events = await partner.client.events(view.id);
  expect(events.items.map(({ type }) => type)).not.toContain('case.linked');
  const { entries } = await partner.client.moments(view.id);
  expect(entries[1]).toMatchObject({ what: 'case.linked', detail: id, eventId: null });
});

describe('a submission gets 404 for a verification', () => {
  test('that does not exist', async () => {
    const { errors } = await refused({ verificationId: randomUUID() }, 404, 'NOT_FOUND');
    expect(errors).toMatchObject([{ field: 'verificationId' }]);
  });

  test.each([
    [
      'of another organization',
      async () => ({ ...(await platform.partner()), environment: 'sandbox' }),
    ],
    ['of the other environment', async () => ({ ...partner, environment: 'production' })],
  ] as const)('%s', async (_, tenantOf) => {
    const { organizationId, environment } = await tenantOf();
    const foreign = verification({ organizationId, environment: environment as Environment });
    await publish(foreign, 'processing');
    await refused({ verificationId: foreign.id }, 404, 'NOT_FOUND');
  });

  test('of a deleted order, whatever is published later', async () => {
    const deleted = await published('processing');
    await log.send([orderErased(deleted, [deleted.id])]);
    await publish(deleted, 'completed');
    // The table has what follows, and so everything before it on this partition.
    await publish({ ...deleted, id: randomUUID() }, 'processing');
    const last = { ...deleted, id: randomUUID() };
    await publish(last, 'processing');
    await submit({ verificationId: last.id });
    await refused({ verificationId: deleted.id }, 404, 'NOT_FOUND');
  });
});

test.each([
  ['canceled', 'VERIFICATION_CLOSED'],
  ['invalid', 'VERIFICATION_CLOSED'],
  ['pending-approval', 'VERIFICATION_NOT_APPROVED'],
] as const)(
  'a submission for a verification that is %s gets 409 that names the state',
  async (state, code) => {
    const { id } = await published(state);
    const { errors, detail } = await refused({ verificationId: id }, 409, code);
    expect(detail).toContain(state);
    expect(errors).toMatchObject([
      { field: 'verificationId', rule: expect.stringContaining(state) },
    ]);
  },
);

test('a verification that was approved directly before the submission accepts it', async () => {
  const approved = await published('pending-approval');
  await refused({ verificationId: approved.id }, 409, 'VERIFICATION_NOT_APPROVED');
  await publish(approved, 'processing');
  expect(await submit({ verificationId: approved.id })).toMatchObject({
    verificationId: approved.id,
  });
});

test('a case stays with its verification: files for another one are refused', async () => {
  const [one, two] = [await published('processing'), await published('processing')];
  const [linked, free] = [randomUUID(), randomUUID()];
  const first = await submit({ externalId: linked, verificationId: one.id });
  await submit({ externalId: free });
  for (const externalId of [linked, free]) {
    const wrong = { externalId, verificationId: two.id };
    const { errors } = await refused(wrong, 409, 'CASE_OF_ANOTHER_VERIFICATION');
    expect(errors).toMatchObject([{ field: 'verificationId' }]);
  }
  await submit({ externalId: linked, verificationId: one.id.toUpperCase() });
  const last = await submit({ externalId: linked });
  expect(last).toMatchObject({ id: first.id, verificationId: one.id, uploads: { length: 3 } });
});

test('a repeated request gets the same response after the verification closed and after its order was deleted', async () => {
  const about = await published('processing');
  const given = await submission({ verificationId: about.id });
  const key = randomUUID();
  const first = await partner.client.submit(given, key);
  await publish(about, 'canceled');
  const another = () => partner.client.submit(given, randomUUID());
  await expect
    .poll(() => another().catch(({ problem }) => problem.code), { timeout: 20_000 })
    .toBe('VERIFICATION_CLOSED');
  expect(await partner.client.submit(given, key)).toEqual(first);
  await log.send([orderErased(about, [about.id])]);
  await expect
    .poll(() => another().catch(({ problem }) => problem.code), { timeout: 20_000 })
    .toBe('NOT_FOUND');
  expect(await partner.client.submit(given, key)).toEqual(first);
  const changed = await submission({ verificationId: about.id });
  await expect(partner.client.submit(changed, key)).rejects.toMatchObject({
    status: 422,
    problem: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  await partner.client.deleteCase(first.id);
  await expect(partner.client.submit(given, key)).rejects.toMatchObject({
    status: 409,
    problem: { code: 'RESPONSE_ERASED' },
  });
});

describe('a verificationId', () => {
  test.each(['one', '', '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a6\0'])(
    'that is %j is refused with its rule',
    async (verificationId) => {
      const { errors } = await refused({ verificationId }, 400, 'VALIDATION_FAILED');
      expect(errors).toMatchObject([{ field: 'verificationId' }]);
    },
  );

  test('that is given twice is refused', async () => {
    const { id } = await published('processing');
    const body = formOf(await submission({ verificationId: id }));
    body.append('verificationId', id);
    const { errors } = await expectRefused(
      { platform, partner },
      { body },
      400,
      'VALIDATION_FAILED',
    );
    expect(errors).toEqual([{ field: 'verificationId', rule: 'must be given once' }]);
  });

  test('after the files is checked, too', async () => {
    const { id } = await published('canceled');
    const body = formOf(await submission());
    body.append('verificationId', id);
    await expectRefused({ platform, partner }, { body }, 409, 'VERIFICATION_CLOSED');
  });
});

test('of submissions while the verification closes, each is a case of it or is refused', async () => {
  const about = await published('processing');
  const submitting = Array.from({ length: 12 }, async (_, i) => {
    if (i === 6) await publish(about, 'canceled');
    return submit({ verificationId: about.id }).then(
      ({ id }) => id,
      ({ problem }) => problem.code as string,
    );
  });
  const outcomes = await Promise.all(submitting);
  const cases = outcomes.filter((outcome) => outcome !== 'VERIFICATION_CLOSED');
  const { items } = await partner.client.cases({ verificationId: about.id });
  expect(items.map(({ id }) => id).toSorted()).toEqual(cases.toSorted());
});

test('an event that breaks its contract is a dead letter of delivery alone, and the next ones count', async () => {
  const deadLetters: IncomingRecord[] = [];
  const consumer = new KeyedConsumer({
    log,
    groupId: 'test-dead-letters',
    topics: [deadLetterTopic(Topics.casewireEvents)],
    handle: async (record) => void deadLetters.push(record),
  });
  await consumer.start();
  try {
    const about = verification({ organizationId: partner.organizationId });
    const { value, ...record } = stateChanged(about, 'processing');
    const broken = { ...JSON.parse(value as string), state: 'paused' };
    await log.send([
      { ...record, value: JSON.stringify(broken) },
      stateChanged(about, 'processing'),
    ]);
    await submit({ verificationId: about.id });
    const last = { ...stateChanged(about, 'completed'), value: '{' };
    await log.send([last]);
    const codes = () =>
      deadLetters
        .filter(({ key }) => key === about.orderId)
        .map(({ headers }) => headers['dlq-reason-code']);
    await expect.poll(codes, { timeout: 25_000 }).toHaveLength(2);
    expect(codes()).toEqual([expect.stringMatching(/^EVENT_/), expect.stringMatching(/^EVENT_/)]);
  } finally {
    await consumer.stop();
  }
});

test('the deliveries of an order are listed by its id, and erased with it', async () => {
  const listener = await partner.listen({ eventTypes: ['verification.state_changed'] });
  const about = await published('processing', 'completed');
  await listener.receiver.until((requests) => requests.length === 2);
  const { orderId } = about;
  const ofOrder = async () => (await partner.client.deliveries({ orderId })).items;
  expect(await ofOrder()).toMatchObject([
    { eventType: 'verification.state_changed', endpointId: listener.endpoint.id },
    { eventType: 'verification.state_changed', endpointId: listener.endpoint.id },
  ]);
  const { id } = (await ofOrder())[0]!;
  const bodies = async () =>
    (await partner.client.delivery(id)).attemptLog.map(({ requestBody }) => requestBody);
  await expect.poll(bodies).toEqual([expect.stringContaining(orderId)]);
  await log.send([orderErased(about, [about.id])]);
  await expect.poll(bodies, { timeout: 20_000 }).toEqual(['']);
});
