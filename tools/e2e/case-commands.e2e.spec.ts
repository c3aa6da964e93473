import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { Topics, type CaseCommandMessage } from '@casewire/contracts';
import { deadLetterTopic, EventLog, KeyedConsumer, type IncomingRecord } from '@casewire/event-log';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ActionTrial } from './action-trial.ts';
import { eventOf, TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
let trial: ActionTrial;
let log: EventLog;
let consumer: KeyedConsumer;
const deadLetters: IncomingRecord[] = [];
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
  trial = new ActionTrial(platform, await platform.partner({ audiences: ['partner', 'internal'] }));
  log = new EventLog({ brokers: [platform.brokers], clientId: 'test' });
  consumer = new KeyedConsumer({
    log,
    groupId: 'test-dead-letters',
    topics: [Topics.caseCommands, Topics.casewireEvents].map(deadLetterTopic),
    handle: async (record) => void deadLetters.push(record),
  });
  await consumer.start();
});
afterAll(async () => {
  await consumer?.stop();
  await log?.close();
  await platform?.stop();
});

const commandFor = (caseId: string, type: CaseCommandMessage['type'] = 'CancelCase') => ({
  type,
  commandId: randomUUID(),
  caseId,
  organizationId: trial.partner.organizationId,
  environment: 'sandbox',
  requestedBy: { type: 'api_key', id: 'orders', name: 'Orders' },
});

const send = (caseId: string, ...values: (string | object)[]) =>
  log.send(
    values.map((value) => ({
      topic: Topics.caseCommands,
      key: caseId,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    })),
  );

const statusOf = async (caseId: string) => (await trial.cases.case(caseId)).status;

test.each<[string, (caseId: string) => string | object]>([
  ['is not JSON', () => '{"type":'],
  ['has no type', (caseId) => ({ ...commandFor(caseId), type: undefined })],
  ['has an unknown type', (caseId) => ({ ...commandFor(caseId), type: 'ApproveCase' })],
  ['is for no case', (caseId) => ({ ...commandFor(caseId), caseId: 'none' })],
  ['is for no organization', (caseId) => ({ ...commandFor(caseId), organizationId: undefined })],
  ['is by nobody', (caseId) => ({ ...commandFor(caseId), requestedBy: null })],
  [
    'is by a name that cannot be stored',
    (caseId) => ({
      ...commandFor(caseId),
      requestedBy: { type: 'person', id: 'ana', name: 'A\0na' },
    }),
  ],
  [
    'selects an unknown stage',
    (caseId) => ({ ...commandFor(caseId, 'RefreshCase'), stages: ['magic'] }),
  ],
])(
  'a command that %s becomes a dead letter and changes nothing, and later commands are executed',
  async (_, malformed) => {
    const { caseId } = await trial.submit();
    const before = await trial.stateOf(caseId);
    await send(caseId, malformed(caseId));
    await expect
      .poll(() => deadLetters.find(({ key }) => key === caseId)?.headers, { timeout: 25_000 })
      .toMatchObject({ 'dlq-topic': Topics.caseCommands });
    expect(await trial.stateOf(caseId)).toEqual(before);
    await send(caseId, commandFor(caseId));
    await expect.poll(() => statusOf(caseId), { timeout: 20_000 }).toBe('canceled');
  },
);

test('the commands of a case are executed in their order, and each refusal is published', async () => {
  const { caseId } = await trial.submit();
  const internal = await platform.receiver();
  await platform.operator.provisionEndpoint(trial.partner.organizationId, {
    environment: 'sandbox',
    audience: 'internal',
    url: internal.url('/internal'),
    eventTypes: ['case.command.refused'],
  });
  const early = commandFor(caseId, 'RefreshCase');
  const late = commandFor(caseId, 'CancelCase');
  await send(caseId, early, commandFor(caseId));
  // An erasure cancels what is not delivered yet.
  await internal.until((requests) => requests.length === 1);
  await send(caseId, commandFor(caseId, 'DeleteCase'), late, early);
  await internal.until((requests) => requests.length === 2);
  // The second delivery of the first command is answered by the same event, which is ingested once.
  await send(caseId, commandFor(caseId));
  await internal.until((requests) => requests.length === 3);
  expect(internal.requests.map((request) => eventOf(request).payload)).toMatchObject([
    { commandId: early.commandId, code: 'RUN_IN_PROGRESS' },
    { commandId: late.commandId, code: 'NOT_FOUND' },
    { code: 'NOT_FOUND' },
  ]);
  expect(deadLetters.filter(({ key }) => key === caseId)).toEqual([]);
  await expect(trial.cases.case(caseId)).rejects.toMatchObject({ status: 404 });
});
