import { randomUUID } from 'node:crypto';

import { Sealer } from '@casewire/auth';
import { openBlobStore } from '@casewire/blobs';
import { CaseCommandMessage, CaseCommandRefusedData } from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import { migrate } from '@casewire/service';
import { testDatabase, testFolder, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { reviewer, settings, StoredCase } from '../../test/stored-case.ts';
import { migrations } from '../migrations/index.ts';
import { CommandsService } from './commands.service.ts';

const folder = testFolder('commands');
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const extraction = { documentType: 'passport', fields: [], rows: [], ocrConfidence: null };

let database: TestDatabase;
let commands: CommandsService;
let sent: OutgoingRecord[];
let wakes: number;
let seconds: number;
/** Each reading of the clock is a second later. */
const tick = () => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds++));
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  commands = new CommandsService(
    database.pool,
    new Sealer(new Uint8Array(32)),
    { wake: () => void wakes++ },
    { send: async (records) => void sent.push(...records) },
    { of: () => settings } as never,
    tick,
    quiet,
  );
});
beforeEach(() => {
  sent = [];
  wakes = 0;
  seconds = 0;
});
afterAll(() => database.drop());

type Command = Partial<CaseCommandMessage> & Pick<CaseCommandMessage, 'type'>;

/** A command for a case, as it is read from the topic. */
const commandFor = ({ id, tenant }: StoredCase, command: Command): CaseCommandMessage =>
  CaseCommandMessage.parse({
    commandId: randomUUID(),
    caseId: id,
    ...tenant,
    requestedBy: reviewer,
    ...command,
  });

async function storedCase({ completed = false } = {}) {
  const stored = new StoredCase(database.pool, openBlobStore(folder));
  const uploadId = await stored.submit(['extraction']);
  if (completed) await stored.complete(uploadId, 'extraction', extraction);
  return { stored, uploadId };
}

/** The types of the domain events of a case. */
async function eventsOf({ id }: StoredCase): Promise<string[]> {
  const { rows } = await database.pool.query<{ type: string }>(
    'select type from domain_event where stream_id = $1 order by version',
    [id],
  );
  return rows.map(({ type }) => type);
}

/** Executes a command that must be refused, and checks that it changed nothing. @returns the data of the refusal */
async function refusalOf(stored: StoredCase, command: CaseCommandMessage) {
  const before = await eventsOf(stored);
  await commands.execute(command);
  expect(await eventsOf(stored)).toEqual(before);
  expect([sent.length, wakes]).toEqual([1, 0]);
  const [{ topic, key, value, headers }] = sent as [OutgoingRecord];
  expect({ topic, key }).toEqual({ topic: 'events.casewire', key: command.caseId });
  expect(headers).toMatchObject({
    ce_id: `command/${command.commandId}`,
    ce_type: 'case.command.refused',
    ce_organization: command.organizationId,
    ce_environment: command.environment,
  });
  return CaseCommandRefusedData.parse(JSON.parse(String(value)));
}

describe('a command that is refused is answered by an event, and changes nothing', () => {
  const notFound = { code: 'NOT_FOUND', detail: 'there is no such case' };
  const types = ['CancelCase', 'RefreshCase', 'DeleteCase'] as const;

  test.each(types)('%s for an unknown case', async (type) => {
    const { stored } = await storedCase();
    const command = commandFor(stored, { type, caseId: randomUUID() });
    expect(await refusalOf(stored, command)).toEqual({
      ...notFound,
      caseId: command.caseId,
      commandId: command.commandId,
      command: type,
      occurredAt: '2026-01-01T12:00:00.000Z',
    });
  });

  test.each(types)('%s for a case of another organization', async (type) => {
    const { stored } = await storedCase();
    const command = commandFor(stored, { type, organizationId: randomUUID() });
    expect(await refusalOf(stored, command)).toMatchObject(notFound);
  });

  test.each(types)('%s for a case of the other environment', async (type) => {
    const { stored } = await storedCase();
    const command = commandFor(stored, { type, environment: 'production' });
    expect(await refusalOf(stored, command)).toMatchObject(notFound);
  });

  test.each(['CancelCase', 'RefreshCase'] as const)('%s for a deleted case', async (type) => {
    const { stored } = await storedCase();
    await stored.do({ type: 'DeleteCase', by: reviewer });
    expect(await refusalOf(stored, commandFor(stored, { type }))).toMatchObject(notFound);
  });

  test('the cancellation of a completed case', async () => {
    const { stored } = await storedCase({ completed: true });
    const refusal = await refusalOf(stored, commandFor(stored, { type: 'CancelCase' }));
    expect(refusal.code).toBe('CASE_COMPLETED');
    expect(refusal.detail).toContain('allowed now: upload, open_review, revise, refresh, delete');
  });

  test('the refresh of a canceled case', async () => {
    const { stored } = await storedCase();
    await stored.do({ type: 'CancelCase', by: reviewer });
    const refusal = await refusalOf(stored, commandFor(stored, { type: 'RefreshCase' }));
    expect(refusal.code).toBe('CASE_CANCELED');
  });

  test('a refresh while a selected stage runs', async () => {
    const { stored } = await storedCase();
    const refusal = await refusalOf(stored, commandFor(stored, { type: 'RefreshCase' }));
    expect(refusal.code).toBe('RUN_IN_PROGRESS');
  });

  test('a second refresh while the first one runs', async () => {
    const { stored } = await storedCase({ completed: true });
    const first = commandFor(stored, { type: 'RefreshCase' });
    await commands.execute(first);
    wakes = 0;
    const refusal = await refusalOf(stored, commandFor(stored, { type: 'RefreshCase' }));
    expect(refusal.code).toBe('REFRESH_IN_PROGRESS');
    expect(refusal.detail).toContain(first.commandId);
  });

  test.each([
    ['a stage that was not requested', { stages: ['forensics' as const] }, 'stages.0'],
    ['an upload of another case', { uploadIds: [randomUUID()] }, 'uploadIds.0'],
  ])('a refresh of %s', async (_, selection, field) => {
    const { stored } = await storedCase({ completed: true });
    const command = commandFor(stored, { type: 'RefreshCase', ...selection });
    const refusal = await refusalOf(stored, command);
    expect(refusal.code).toBe('VALIDATION_FAILED');
    expect(refusal.detail).toContain(field);
  });

  test('delivered again, with the same event, and also when its reason is gone', async () => {
    const { stored, uploadId } = await storedCase();
    const command = commandFor(stored, { type: 'RefreshCase' });
    await commands.execute(command);
    await commands.execute(command);
    await stored.complete(uploadId, 'extraction', extraction);
    const before = await eventsOf(stored);
    await commands.execute(command);
    await stored.do({ type: 'DeleteCase', by: reviewer });
    await commands.execute(command);
    expect(sent).toEqual(Array.from({ length: 4 }, () => sent[0]));
    expect(await eventsOf(stored)).toEqual([...before, 'CaseDeleted']);
  });
});

describe('a command that is delivered again changes nothing', () => {
  test.each([
    ['a cancellation', 'CancelCase', false, ['CaseCanceled']],
    ['a refresh', 'RefreshCase', true, ['RefreshRequested', 'StageRequested']],
    ['a deletion', 'DeleteCase', true, ['CaseDeleted']],
  ] as const)('%s', async (_, type, completed, added) => {
    const { stored } = await storedCase({ completed });
    const before = await eventsOf(stored);
    const command = commandFor(stored, { type });
    await commands.execute(command);
    await commands.execute(command);
    expect(await eventsOf(stored)).toEqual([...before, ...added]);
    expect(sent).toEqual([]);
  });

  test('at the same time', async () => {
    const { stored } = await storedCase({ completed: true });
    const before = await eventsOf(stored);
    const command = commandFor(stored, { type: 'RefreshCase' });
    await Promise.all([1, 2, 3].map(() => commands.execute(command)));
    expect(await eventsOf(stored)).toEqual([...before, 'RefreshRequested', 'StageRequested']);
    expect(sent).toEqual([]);
  });

  test('a refresh, after it has ended', async () => {
    const { stored, uploadId } = await storedCase({ completed: true });
    const command = commandFor(stored, { type: 'RefreshCase' });
    await commands.execute(command);
    await stored.complete(uploadId, 'extraction', extraction, 2);
    const before = await eventsOf(stored);
    await commands.execute(command);
    expect(await eventsOf(stored)).toEqual(before);
    expect(sent).toEqual([]);
  });
});

test('a command that was executed is not refused when it is delivered again after the deletion of its case', async () => {
  const { stored } = await storedCase();
  const cancel = commandFor(stored, { type: 'CancelCase' });
  for (const command of [cancel, commandFor(stored, { type: 'DeleteCase' }), cancel])
    await commands.execute(command);
  expect(sent).toEqual([]);
});

test('an id that was used for another command is an error', async () => {
  const { stored } = await storedCase();
  const cancel = commandFor(stored, { type: 'CancelCase' });
  await commands.execute(cancel);
  const before = await eventsOf(stored);
  await expect(commands.execute({ ...cancel, type: 'DeleteCase' })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  expect(await eventsOf(stored)).toEqual(before);
});

test('commands of a case are executed in their order: what follows a deletion is refused', async () => {
  const { stored } = await storedCase();
  for (const type of ['CancelCase', 'DeleteCase', 'DeleteCase', 'CancelCase'] as const)
    await commands.execute(commandFor(stored, { type }));
  expect((await eventsOf(stored)).slice(-2)).toEqual(['CaseCanceled', 'CaseDeleted']);
  expect(sent.map(({ value }) => JSON.parse(String(value)).code)).toEqual(['NOT_FOUND']);
});

test('a deletion removes the personal data of the case, and schedules its blobs', async () => {
  const { stored, uploadId } = await storedCase({ completed: true });
  await stored.correct(uploadId, 2, [{ name: 'surname', value: 'García' }]);
  await stored.revise(2, 'applicant-2');
  await commands.execute(commandFor(stored, { type: 'DeleteCase' }));
  const { rows: tables } = await database.pool.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and table_name like '%private%' and column_name = 'case_id'`,
  );
  expect(tables).toHaveLength(7);
  for (const { name } of tables) {
    const found = await database.pool.query(`select from ${name} where case_id = $1`, [stored.id]);
    expect([name, found.rowCount]).toEqual([name, 0]);
  }
  const { rows } = await database.pool.query<{ key: string }>(
    'select key from pending_blob_deletion where due_at <= now()',
  );
  expect(rows.map(({ key }) => key)).toContain(`uploads/${uploadId}`);
});
