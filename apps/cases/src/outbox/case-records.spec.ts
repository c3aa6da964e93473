import { EventHeaders, StageRequest, casewireEvents } from '@casewire/contracts';
import { expect, test } from 'vitest';

import type { CaseDomainEvent, DomainEventOf } from '../case/case-domain-event.ts';
import { recordsOf, type CaseContext } from './case-records.ts';

const caseId = '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69';
const uploadId = '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10';
const reviewId = 'd0e1f234-5678-4012-b456-123456789012';
const refreshId = '1d2f3c4b-5a69-4a51-9b8a-6b1f6c1e6a7e';
const by = { type: 'api_key' as const, id: '0123456789abcdef01', name: 'Back office' };
const refresh = { refreshId, stages: ['extraction' as const], uploadIds: [uploadId] };
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
  reviews: new Map([[reviewId, { reason: 'it looks odd', request: 'the back side' }]]),
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
  [
    'document.assessed',
    {
      type: 'DocumentAssessed',
      uploadId,
      documentType: 'passport',
      assessment: {
        number: 1,
        verdict: 'review',
        reasons: ['fields_missing'],
        rulesVersion: '1',
        ocrConfidence: 0.9,
        fraudSignals: [],
        securityFeatures: ['mrz_valid'],
      },
      assessedAt: at,
    },
  ],
  [
    'review.opened',
    {
      type: 'ReviewOpened',
      reviewId,
      uploadId,
      reviewType: 'document_review',
      priority: 'high',
      cause: 'manual',
      reasons: [],
      openedBy: by,
      openedAt: at,
      dueAt: at,
    },
  ],
  [
    'review.assigned',
    { type: 'ReviewAssigned', reviewId, assigneeId: reviewId, assignedBy: by, assignedAt: at },
  ],
  [
    'review.resolved',
    { type: 'ReviewResolved', reviewId, resolution: 'approved', resolvedBy: by, resolvedAt: at },
  ],
  ['case.action_required', { type: 'ActionRequired', reviewId, requiredAt: at }],
  [
    'document.revised',
    {
      type: 'DocumentRevised',
      uploadId,
      version: 2,
      fields: ['surname'],
      revisedBy: by,
      afterResult: true,
      revisedAt: at,
    },
  ],
  [
    'case.revised',
    {
      type: 'CaseRevised',
      revision: 2,
      fields: ['reference'],
      revisedBy: by,
      afterResult: true,
      revisedAt: at,
    },
  ],
  [
    'case.refresh.completed',
    { type: 'RefreshCompleted', ...refresh, result: 'succeeded', completedAt: at },
  ],
  [
    'case.refresh.failed',
    {
      type: 'RefreshFailed',
      ...refresh,
      failure: { uploadId, stage: 'extraction', code: 'X' },
      failedAt: at,
    },
  ],
  ['case.canceled', { type: 'CaseCanceled', canceledBy: by, canceledAt: at }],
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
  expect(called.map(([name]) => name)).toEqual([
    'case.submitted',
    'case.completed',
    'review.opened',
    'document.revised',
    'case.revised',
  ]);
  for (const [name, { value }] of published.filter(([of]) => of !== 'case.erased'))
    expect([name, JSON.parse(String(value)).reference]).toEqual([name, 'link-7']);
});

test('what a person wrote is part of the event until the case is erased', () => {
  const dataOf = (name: string, about = context) => {
    const [, event] = events.find(([of]) => of === name)!;
    return JSON.parse(String(recordsFor(event, 3, about)[0]!.value));
  };
  const erased = { ...context, reviews: new Map() };
  expect(dataOf('review.opened')).toMatchObject({ reason: 'it looks odd', cause: 'manual' });
  expect(dataOf('review.opened', erased).reason).toBe('');
  expect(dataOf('case.action_required').request).toBe('the back side');
  expect(dataOf('case.action_required', erased).request).toBeNull();
});

test('a revision before the result is not published', () => {
  for (const [name, event] of events.filter(([of]) => of.endsWith('.revised')))
    expect([name, recordsFor({ ...event, afterResult: false } as CaseDomainEvent)]).toEqual([
      name,
      [],
    ]);
});

test('in the sandbox a request says what the file name asks for', () => {
  const simulate = {
    failing: ['extraction' as const],
    delaySeconds: 5,
    verdict: null,
    review: null,
    refreshFails: true,
  };
  const about = { ...context, uploads: new Map([[uploadId, { ...upload, simulate }]]) };
  const requestOf = (stage: 'extraction' | 'forensics', number: number) =>
    StageRequest.parse(
      JSON.parse(
        String(
          recordsFor(
            {
              type: 'StageRequested',
              ...run,
              stage,
              run: number,
              documentType: null,
              requestedAt: at,
              deadline: at,
            },
            3,
            about,
          )[0]!.value,
        ),
      ),
    ).simulate;
  expect(requestOf('extraction', 1)).toEqual({ fails: true });
  expect(requestOf('forensics', 1)).toEqual({ fails: false });
  expect(requestOf('forensics', 2)).toEqual({ fails: true });
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
