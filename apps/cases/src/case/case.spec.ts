import { randomUUID } from 'node:crypto';

import type { Feature, Stage, StageResult } from '@casewire/contracts';
import { stateAfter } from '@casewire/event-sourcing';
import { expect, test } from 'vitest';

import type { CaseDomainEvent } from './case-domain-event.ts';
import {
  caseDecider,
  CaseAlreadyDeleted,
  decide,
  UnknownRun,
  runIdOf,
  type CaseCommand,
} from './case.ts';

const now = new Date('2026-01-01T10:00:00.000Z');
const later = new Date('2026-01-01T10:05:00.000Z');
const stageTimeoutMs = 60_000;
const document = {
  key: 'uploads/x',
  sha256: 'a'.repeat(64),
  size: 10,
  mediaType: 'application/pdf' as const,
  pages: 1,
};

const submitting = (
  uploads: { id: string; classify: boolean; features: Feature[] }[],
  at = now,
): CaseCommand => ({
  type: 'SubmitUploads',
  organizationId: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
  environment: 'sandbox',
  uploads: uploads.map(({ id, classify, features }) => ({
    uploadId: id,
    document,
    classify,
    features,
    targetLanguage: 'en',
  })),
  now: at,
  stageTimeoutMs,
});

const finished = (
  uploadId: string,
  stage: Stage,
  status: 'completed' | 'failed' = 'completed',
): CaseCommand => {
  const about = {
    type: 'StageFinished' as const,
    runId: runIdOf(uploadId, stage, 1),
    stage,
    organizationId: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
    caseId: randomUUID(),
    uploadId,
    finishedAt: later.toISOString(),
    starts: 1,
  };
  const result: StageResult =
    status === 'completed'
      ? {
          ...about,
          status,
          result: { key: 'r', sha256: 'b'.repeat(64), size: 1 },
          documentType: stage === 'classification' ? 'passport' : null,
        }
      : { ...about, status, failure: { code: 'DOCUMENT_TYPE_UNKNOWN', detail: '' } };
  return { type: 'RecordStageResult', result, now: later, stageTimeoutMs };
};

/** Executes commands one after the other, each on the domain events of those before it. */
function run(...commands: CaseCommand[]) {
  const events: CaseDomainEvent[] = [];
  let last: CaseDomainEvent[] = [];
  for (const command of commands) {
    last = decide(command, stateAfter(caseDecider, events));
    events.push(...last);
  }
  return { events, last };
}
const types = (events: CaseDomainEvent[]) =>
  events.map((event) => ('stage' in event ? `${event.type} ${event.stage}` : event.type));
const upload = (
  features: Feature[] = ['extraction', 'forensics', 'translation'],
  classify = true,
) => ({
  id: randomUUID(),
  classify,
  features,
});

test('a submission requests classification first, in the same decision', () => {
  const { last } = run(submitting([upload()]));
  expect(types(last)).toEqual(['CaseSubmitted', 'UploadReceived', 'StageRequested classification']);
});

test('TE-28 an upload with classify:false starts its features at once and has no classification', () => {
  const { last } = run(submitting([upload(['extraction', 'translation'], false)]));
  expect(types(last).slice(2)).toEqual(['StageRequested extraction', 'StageRequested translation']);
});

test.each(['completed', 'failed'] as const)(
  'when classification %s, the features follow in parallel',
  (status) => {
    const one = upload();
    const { last } = run(submitting([one]), finished(one.id, 'classification', status));
    expect(types(last).slice(1)).toEqual([
      'StageRequested extraction',
      'StageRequested forensics',
      'StageRequested translation',
    ]);
    const [request] = last.filter((event) => event.type === 'StageRequested');
    expect(request?.documentType).toBe(status === 'completed' ? 'passport' : null);
  },
);

test('TE-15 only the requested features run', () => {
  const one = upload(['extraction', 'forensics']);
  const { events } = run(submitting([one]), finished(one.id, 'classification'));
  expect(types(events)).not.toContain('StageRequested translation');
});

test('TE-L5 a case is completed only when every stage of every upload has finished', () => {
  const [a, b] = [upload(['extraction']), upload(['forensics'], false)];
  const commands = [
    submitting([a, b]),
    finished(a.id, 'classification'),
    finished(b.id, 'forensics'),
  ];
  expect(types(run(...commands).events)).not.toContain('CaseCompleted');
  const { last } = run(...commands, finished(a.id, 'extraction'));
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', result: 'succeeded', again: false });
});

test.each([
  [['completed', 'completed'], 'succeeded'],
  [['completed', 'failed'], 'partially_failed'],
  [['failed', 'failed'], 'failed'],
] as const)('stages that %j make the result %s', ([first, second], result) => {
  const one = upload(['extraction', 'forensics'], false);
  const { last } = run(
    submitting([one]),
    finished(one.id, 'extraction', first),
    finished(one.id, 'forensics', second),
  );
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', result });
});

test('TE-30 a failed stage does not stop the others', () => {
  const one = upload(['extraction', 'forensics'], false);
  const { events } = run(
    submitting([one]),
    finished(one.id, 'extraction', 'failed'),
    finished(one.id, 'forensics'),
  );
  expect(types(events)).toContain('StageCompleted forensics');
});

test('TE-23 a second result of a run is recorded and publishes nothing', () => {
  const one = upload(['extraction'], false);
  const { last } = run(
    submitting([one]),
    finished(one.id, 'extraction', 'failed'),
    finished(one.id, 'extraction'),
  );
  expect(types(last)).toEqual(['LateResultReceived extraction']);
});

test('a result after the deletion is recorded and requests nothing', () => {
  const one = upload();
  const { last } = run(
    submitting([one]),
    { type: 'DeleteCase', now: later },
    finished(one.id, 'classification'),
  );
  expect(types(last)).toEqual(['LateResultReceived classification']);
});

test('a result of a run that was never requested is refused', () => {
  expect(() => run(submitting([upload()]), finished(randomUUID(), 'extraction'))).toThrow(
    UnknownRun,
  );
});

test('TE-29 failing a run fails its stage; a finished run stays as it is', () => {
  const one = upload(['extraction'], false);
  const failRun: CaseCommand = {
    type: 'FailRun',
    runId: runIdOf(one.id, 'extraction', 1),
    failure: { code: 'DEADLINE_EXCEEDED', detail: '' },
    now: later,
    stageTimeoutMs,
  };
  expect(types(run(submitting([one]), failRun).last)).toEqual([
    'StageFailed extraction',
    'CaseCompleted',
  ]);
  expect(run(submitting([one]), finished(one.id, 'extraction'), failRun).last).toEqual([]);
});

test('a further upload reopens a completed case, and its next completion is marked as a repeated one', () => {
  const [first, second] = [upload(['extraction'], false), upload(['extraction'], false)];
  const { events, last } = run(
    submitting([first]),
    finished(first.id, 'extraction'),
    submitting([second], later),
    finished(second.id, 'extraction'),
  );
  expect(types(events).filter((type) => type === 'CaseSubmitted')).toHaveLength(1);
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', again: true });
});

test('a deleted case accepts no upload, and is deleted once', () => {
  const deleting: CaseCommand = { type: 'DeleteCase', now: later };
  expect(() => run(submitting([upload()]), deleting, submitting([upload()]))).toThrow(
    CaseAlreadyDeleted,
  );
  expect(run(submitting([upload()]), deleting, deleting).last).toEqual([]);
});
