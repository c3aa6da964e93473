import { randomUUID } from 'node:crypto';

import { openBlobStore, type BlobStore } from '@casewire/blobs';
import {
  CaseEvent,
  CaseRevisions,
  CaseTimeline,
  casewireEvents,
  ExtractionVersions,
} from '@casewire/contracts';
import { migrate } from '@casewire/service';
import { testDatabase, testFolder, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { reviewer, StoredCase } from '../../test/stored-case.ts';
import { migrations } from '../migrations/index.ts';
import { recordsOf } from '../outbox/case-records.ts';
import { contextsOf } from '../outbox/case-relay.ts';
import { HistoryService } from './history.service.ts';
import { deliveredIdOf } from './published-event.ts';

const folder = testFolder('history');
let database: TestDatabase;
let blobs: BlobStore;
let history: HistoryService;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  blobs = openBlobStore(folder);
  history = new HistoryService(database.pool);
});
afterAll(() => database.drop());

const extraction = { documentType: 'passport', fields: [], rows: [], ocrConfidence: null };

/** A case that was completed, refreshed, corrected and renamed. */
async function changedCase() {
  const stored = new StoredCase(database.pool, blobs);
  const uploadId = await stored.submit(['extraction', 'translation']);
  await stored.complete(uploadId, 'extraction', extraction);
  await stored.fail(uploadId, 'translation');
  await stored.complete(uploadId, 'translation', {});
  await stored.do({
    type: 'RefreshCase',
    refreshId: stored.id,
    selection: { stages: ['extraction'], uploadIds: null },
    by: reviewer,
  });
  await stored.complete(uploadId, 'extraction', extraction, 2);
  await stored.correct(uploadId, 3, [{ name: 'surname', value: 'García' }]);
  await stored.revise(2, 'applicant-2');
  return { stored, uploadId };
}

const eventTypes = [
  'case.submitted',
  'upload.received',
  'case.extraction.completed',
  'case.translation.failed',
  'case.completed',
  'case.refresh.completed',
  'document.revised',
  'case.revised',
];

async function allEvents({ tenant, id }: StoredCase, limit: number) {
  const events: CaseEvent[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const found = await history.getEvents(tenant, id, { limit, cursor });
    expect(found.items.length).toBeLessThanOrEqual(limit);
    events.push(...found.items.map((one) => CaseEvent.parse(one)));
    cursor = found.next ?? undefined;
    more = cursor !== undefined;
  }
  return events;
}

test.each([1, 2, 3, 8, 100])(
  'the events of a case are listed once each, in their order, with pages of %i',
  async (limit) => {
    const { stored } = await changedCase();
    const events = await allEvents(stored, limit);
    expect(events.map(({ type }) => type)).toEqual(eventTypes);
    for (const { type, data } of events) casewireEvents.get(type)!.parse(data);
  },
);

test('an event has the data with which it was published, also after a revision of the case', async () => {
  const stored = new StoredCase(database.pool, blobs);
  const uploadId = await stored.submit(['extraction']);
  const before = await publishable(stored);
  await stored.complete(uploadId, 'extraction', extraction);
  await stored.revise(2, 'applicant-2');
  await stored.revise(3, 'applicant-3');
  const events = await allEvents(stored, 100);
  expect(events.slice(0, before.length).map(({ data }) => data)).toEqual(before);
  expect(events.map(({ type, data }) => [type, data.externalId])).toEqual([
    ['case.submitted', 'applicant-1'],
    ['upload.received', 'applicant-1'],
    ['case.extraction.completed', 'applicant-1'],
    ['case.completed', 'applicant-1'],
    ['case.revised', 'applicant-2'],
    ['case.revised', 'applicant-3'],
  ]);
});

/** The data of the events that the outbox would publish now. */
async function publishable({ id }: StoredCase) {
  const { rows } = await database.pool.query(
    'select version, data from domain_event where stream_id = $1 order by version',
    [id],
  );
  const context = (await contextsOf(database.pool, [id])).get(id)!;
  return rows
    .flatMap(({ version, data: event }) =>
      recordsOf({ seq: 1n, streamId: id, version, event, traceparent: null }, context),
    )
    .filter(({ topic }) => topic === 'events.casewire')
    .map(({ value }) => JSON.parse(String(value)));
}

test('the link to a verification is a moment of the timeline, and no event for partners', async () => {
  const stored = new StoredCase(database.pool, blobs);
  const verification = { id: randomUUID(), orderId: randomUUID() };
  await stored.submit(['extraction'], { verification });
  const events = await allEvents(stored, 1);
  expect(events.map(({ type }) => type)).toEqual(['case.submitted', 'upload.received']);
  const { entries } = await history.getTimeline(stored.tenant, stored.id);
  expect(entries.slice(0, 3)).toMatchObject([
    { what: 'case.submitted', eventId: events[0]!.id },
    { what: 'case.linked', eventId: null, detail: verification.id },
    { what: 'upload.received', eventId: events[1]!.id },
  ]);
  expect((await publishable(stored))[1]).toMatchObject({ orderId: verification.orderId });
});

test('an event is shown as published when it is', async () => {
  const { stored } = await changedCase();
  await database.pool.query(
    'update domain_event set published = true where stream_id = $1 and version = 1',
    [stored.id],
  );
  const [first, second] = await allEvents(stored, 100);
  expect([first?.published, second?.published]).toEqual([true, false]);
  expect(first?.id).toBe(deliveredIdOf(stored.id, 1));
});

test('the timeline has every moment with its run, its event and its particulars, in order of time', async () => {
  const { stored, uploadId } = await changedCase();
  const { entries } = CaseTimeline.parse(await history.getTimeline(stored.tenant, stored.id));
  expect(entries.map(({ what, stage, run, detail }) => [what, stage, run, detail])).toEqual([
    ['case.submitted', null, null, null],
    ['upload.received', null, null, null],
    ['stage.requested', 'extraction', 1, null],
    ['stage.requested', 'translation', 1, null],
    ['stage.completed', 'extraction', 1, null],
    ['stage.failed', 'translation', 1, 'DOCUMENT_UNREADABLE'],
    ['case.completed', null, null, 'partially_failed'],
    ['stage.result_late', 'translation', 1, 'completed'],
    ['refresh.requested', null, null, 'by Ana'],
    ['stage.requested', 'extraction', 2, null],
    ['stage.completed', 'extraction', 2, null],
    ['refresh.completed', null, null, 'partially_failed'],
    ['document.revised', 'extraction', null, 'version 3 by Ana'],
    ['case.revised', null, null, 'revision 2 by Ana'],
  ]);
  const times = entries.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  expect(entries.filter(({ stage }) => stage).every((one) => one.uploadId === uploadId)).toBe(true);
  const events = await allEvents(stored, 100);
  expect(entries.flatMap(({ eventId }) => eventId ?? [])).toEqual(events.map(({ id }) => id));
});

test('the versions of an extraction say by which run, or by whom, when and why', async () => {
  const { stored, uploadId } = await changedCase();
  const found = await history.getVersions(stored.tenant, stored.id, uploadId);
  expect(ExtractionVersions.parse(found).versions).toMatchObject([
    { version: 1, cause: 'run', run: 1, revisedBy: null, reason: null, fields: null },
    { version: 2, cause: 'run', run: 2, revisedBy: null },
    {
      version: 3,
      cause: 'correction',
      run: 2,
      revisedBy: reviewer,
      reason: 'typo',
      fields: [{ name: 'surname', value: 'García' }],
    },
  ]);
});

test('the revisions of a case begin with the data as submitted', async () => {
  const stored = new StoredCase(database.pool, blobs);
  await stored.submit(['extraction']);
  const submittedAt = stored.time.toISOString();
  const revisions = async () =>
    CaseRevisions.parse(await history.getRevisions(stored.tenant, stored.id)).revisions;
  const first = {
    revision: 1,
    externalId: 'applicant-1',
    reference: 'link-1',
    metadata: { plan: 'gold' },
    revisedBy: null,
    reason: null,
    createdAt: submittedAt,
  };
  expect(await revisions()).toEqual([first]);
  await stored.revise(2, 'applicant-2');
  expect(await revisions()).toEqual([
    first,
    {
      ...first,
      revision: 2,
      externalId: 'applicant-2',
      revisedBy: reviewer,
      reason: 'renamed',
      createdAt: stored.time.toISOString(),
    },
  ]);
});

test('a later submission changes the only revision of a case, and no revision of a case that was corrected', async () => {
  const stored = new StoredCase(database.pool, blobs);
  const submitAs = async (reference: string) => {
    await stored.submit(['extraction'], { reference });
    const { revisions } = await history.getRevisions(stored.tenant, stored.id);
    return revisions.map((one) => one.reference);
  };
  expect(await submitAs('first')).toEqual(['first']);
  expect(await submitAs('second')).toEqual(['second']);
  await stored.revise(2, 'applicant-2');
  expect(await submitAs('third')).toEqual(['second', 'second']);
  await stored.revise(3, 'applicant-3');
  expect(await submitAs('fourth')).toEqual(['second', 'second', 'third']);
});

test('another tenant, another upload and a deleted case are a 404', async () => {
  const { stored, uploadId } = await changedCase();
  const { tenant: stranger } = new StoredCase(database.pool, blobs);
  const reads = (tenant = stored.tenant, upload = uploadId) => [
    () => history.getEvents(tenant, stored.id, { limit: 20 }),
    () => history.getTimeline(tenant, stored.id),
    () => history.getRevisions(tenant, stored.id),
    () => history.getVersions(tenant, stored.id, upload),
  ];
  for (const read of reads(stranger)) await expect(read()).rejects.toMatchObject({ status: 404 });
  await expect(history.getVersions(stored.tenant, stored.id, stored.id)).rejects.toMatchObject({
    status: 404,
  });
  await stored.do({ type: 'DeleteCase', by: reviewer });
  for (const read of reads()) await expect(read()).rejects.toMatchObject({ status: 404 });
});

test('a cursor that is no version is refused', async () => {
  const { stored } = await changedCase();
  for (const position of [-1, 1.5, 3_000_000_000, 'x']) {
    const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
    await expect(
      history.getEvents(stored.tenant, stored.id, { limit: 20, cursor }),
    ).rejects.toMatchObject({ status: 400, errors: [{ field: 'cursor' }] });
  }
});
