import { EventHeaders, StageRequest, casewireEvents } from '@casewire/contracts';
import { expect, test } from 'vitest';

import type { CaseDomainEvent, DomainEventOf } from '../case/case-domain-event.ts';
import { recordsOf, type CaseContext } from './case-records.ts';

const caseId = '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69';
const uploadId = '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10';
const at = '2026-01-01T10:00:00.000Z';
const run = {
  runId: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  uploadId,
  stage: 'extraction' as const,
};
const upload: DomainEventOf<'UploadReceived'> = {
  type: 'UploadReceived',
  uploadId,
  document: {
    key: 'uploads/x',
    sha256: 'a'.repeat(64),
    size: 10,
    mediaType: 'application/pdf',
    pages: 2,
  },
  classify: true,
  features: ['extraction'],
  targetLanguage: 'en',
  receivedAt: at,
};
const context: CaseContext = {
  organizationId: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
  environment: 'sandbox',
  externalId: 'applicant-1',
  reference: null,
  correlationId: null,
  callbackUrl: null,
  uploads: new Map([[uploadId, upload]]),
};
const recordsFor = (event: CaseDomainEvent, version = 3, about = context) =>
  recordsOf(
    {
      seq: 1n,
      streamId: caseId,
      version,
      event,
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    },
    about,
  );

const events: [string, CaseDomainEvent][] = [
  [
    'case.submitted',
    {
      type: 'CaseSubmitted',
      organizationId: context.organizationId,
      environment: 'sandbox',
      submittedAt: at,
      uploadIds: [uploadId],
      stages: ['extraction'],
    },
  ],
  ['upload.received', upload],
  [
    'case.extraction.completed',
    {
      type: 'StageCompleted',
      ...run,
      result: { key: 'r', sha256: 'b'.repeat(64), size: 1 },
      documentType: null,
      finishedAt: at,
    },
  ],
  [
    'case.extraction.failed',
    { type: 'StageFailed', ...run, failure: { code: 'X', detail: '' }, finishedAt: at },
  ],
  ['case.completed', { type: 'CaseCompleted', result: 'succeeded', again: false, completedAt: at }],
  ['case.erased', { type: 'CaseDeleted', deletedAt: at }],
];

test.each(events)(
  '%s is a CloudEvent under the case’s key, whose data follows its schema',
  (name, event) => {
    const [record] = recordsFor(event);
    expect(record).toMatchObject({ topic: 'events.casewire', key: caseId });
    const headers = EventHeaders.parse(record!.headers);
    expect(headers).toMatchObject({ ce_type: name, ce_id: `${caseId}/3`, ce_time: at });
    expect(headers.traceparent).toContain('a'.repeat(32));
    const data = casewireEvents.get(name)!.parse(JSON.parse(String(record!.value)));
    expect(data).toMatchObject({ caseId, occurredAt: at });
  },
);

test('an event of a stage has the stage as its feature, other events of a case have none', () => {
  expect(recordsFor(events[2]![1])[0]?.headers?.ce_feature).toBe('extraction');
  expect(recordsFor(events[0]![1])[0]?.headers?.ce_feature).toBeUndefined();
});

test('TI-2 TI-20 every event has the reference of its case, and those that call back have its callback URL', () => {
  const about = { ...context, reference: 'link-7', callbackUrl: 'https://one.example/cb/7' };
  const published = events.map(([name, event]) => [name, recordsFor(event, 3, about)[0]!] as const);
  const called = published.filter(
    ([, { headers }]) => headers?.ce_destination === about.callbackUrl,
  );
  expect(called.map(([name]) => name)).toEqual(['case.submitted', 'case.completed']);
  for (const [name, { value }] of published.filter(([of]) => of !== 'case.erased'))
    expect([name, JSON.parse(String(value)).reference]).toEqual([name, 'link-7']);
});

test('a domain event that is published again has the same id', () => {
  expect(recordsFor(events[4]![1])).toEqual(recordsFor(events[4]![1]));
});

test('a request goes to the topic of its stage, and contains no personal data', () => {
  const [record] = recordsFor({
    type: 'StageRequested',
    ...run,
    run: 1,
    documentType: null,
    requestedAt: at,
    deadline: at,
  });
  expect(record).toMatchObject({ topic: 'extraction.requests', key: caseId });
  const request = StageRequest.parse(JSON.parse(String(record!.value)));
  expect(request.document).toEqual(upload.document);
  expect(String(record!.value)).not.toContain('applicant-1');
});

test('a repeated completion and a late result are not published', () => {
  expect(
    recordsFor({ type: 'CaseCompleted', result: 'succeeded', again: true, completedAt: at }),
  ).toEqual([]);
  expect(
    recordsFor({
      type: 'LateResultReceived',
      ...run,
      status: 'completed',
      result: null,
      finishedAt: at,
    }),
  ).toEqual([]);
});
