import { randomUUID } from 'node:crypto';

import type { Feature, Stage, StageResult } from '@casewire/contracts';
import { stateAfter } from '@casewire/event-sourcing';
import { expect, test } from 'vitest';

import type { CaseFact } from './case-fact.ts';
import {
  caseDecider,
  CaseDeletedAlready,
  decide,
  RunUnknown,
  runIdOf,
  type CaseCommand,
} from './case.ts';

const now = new Date('2026-01-01T10:00:00.000Z');
const later = new Date('2026-01-01T10:05:00.000Z');
const patienceMs = 60_000;
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
  patienceMs,
});

const outcome = (
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
  const finished: StageResult =
    status === 'completed'
      ? {
          ...about,
          status,
          result: { key: 'r', sha256: 'b'.repeat(64), size: 1 },
          documentType: stage === 'classification' ? 'passport' : null,
        }
      : { ...about, status, failure: { code: 'DOCUMENT_TYPE_UNKNOWN', detail: '' } };
  return { type: 'RecordOutcome', outcome: finished, now: later, patienceMs };
};

/** Runs commands one after the other, each on the facts of those before it. */
function run(...commands: CaseCommand[]) {
  const facts: CaseFact[] = [];
  let last: CaseFact[] = [];
  for (const command of commands) {
    last = decide(command, stateAfter(caseDecider, facts));
    facts.push(...last);
  }
  return { facts, last };
}
const types = (facts: CaseFact[]) =>
  facts.map((fact) => ('stage' in fact ? `${fact.type} ${fact.stage}` : fact.type));
const upload = (
  features: Feature[] = ['extraction', 'forensics', 'translation'],
  classify = true,
) => ({
  id: randomUUID(),
  classify,
  features,
});

test('a submission asks for classification first, and says it in the same decision', () => {
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
    const { last } = run(submitting([one]), outcome(one.id, 'classification', status));
    expect(types(last).slice(1)).toEqual([
      'StageRequested extraction',
      'StageRequested forensics',
      'StageRequested translation',
    ]);
    const [request] = last.filter((fact) => fact.type === 'StageRequested');
    expect(request?.documentType).toBe(status === 'completed' ? 'passport' : null);
  },
);

test('TE-15 only requested features are asked for', () => {
  const one = upload(['extraction', 'forensics']);
  const { facts } = run(submitting([one]), outcome(one.id, 'classification'));
  expect(types(facts)).not.toContain('StageRequested translation');
});

test('TE-L5 a case is completed only when every stage of every upload is over', () => {
  const [a, b] = [upload(['extraction']), upload(['forensics'], false)];
  const commands = [
    submitting([a, b]),
    outcome(a.id, 'classification'),
    outcome(b.id, 'forensics'),
  ];
  expect(types(run(...commands).facts)).not.toContain('CaseCompleted');
  const { last } = run(...commands, outcome(a.id, 'extraction'));
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
    outcome(one.id, 'extraction', first),
    outcome(one.id, 'forensics', second),
  );
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', result });
});

test('TE-30 a failed stage stops no other', () => {
  const one = upload(['extraction', 'forensics'], false);
  const { facts } = run(
    submitting([one]),
    outcome(one.id, 'extraction', 'failed'),
    outcome(one.id, 'forensics'),
  );
  expect(types(facts)).toContain('StageCompleted forensics');
});

test('TE-23 a second outcome of a run is recorded and raises nothing', () => {
  const one = upload(['extraction'], false);
  const { last } = run(
    submitting([one]),
    outcome(one.id, 'extraction', 'failed'),
    outcome(one.id, 'extraction'),
  );
  expect(types(last)).toEqual(['LateOutcomeReceived extraction']);
});

test('an outcome after the deletion is recorded and asks for nothing', () => {
  const one = upload();
  const { last } = run(
    submitting([one]),
    { type: 'DeleteCase', now: later },
    outcome(one.id, 'classification'),
  );
  expect(types(last)).toEqual(['LateOutcomeReceived classification']);
});

test('an outcome of a run that was never asked for is refused', () => {
  expect(() => run(submitting([upload()]), outcome(randomUUID(), 'extraction'))).toThrow(
    RunUnknown,
  );
});

test('TE-29 a run that is given up fails its stage; one that answered is left alone', () => {
  const one = upload(['extraction'], false);
  const giveUp: CaseCommand = {
    type: 'GiveUpRun',
    runId: runIdOf(one.id, 'extraction', 1),
    failure: { code: 'DEADLINE_EXCEEDED', detail: '' },
    now: later,
    patienceMs,
  };
  expect(types(run(submitting([one]), giveUp).last)).toEqual([
    'StageFailed extraction',
    'CaseCompleted',
  ]);
  expect(run(submitting([one]), outcome(one.id, 'extraction'), giveUp).last).toEqual([]);
});

test('a further upload opens a completed case again, and completing it again is said to be again', () => {
  const [first, second] = [upload(['extraction'], false), upload(['extraction'], false)];
  const { facts, last } = run(
    submitting([first]),
    outcome(first.id, 'extraction'),
    submitting([second], later),
    outcome(second.id, 'extraction'),
  );
  expect(types(facts).filter((type) => type === 'CaseSubmitted')).toHaveLength(1);
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', again: true });
});

test('a deleted case takes no upload, and is deleted once', () => {
  const deleting: CaseCommand = { type: 'DeleteCase', now: later };
  expect(() => run(submitting([upload()]), deleting, submitting([upload()]))).toThrow(
    CaseDeletedAlready,
  );
  expect(run(submitting([upload()]), deleting, deleting).last).toEqual([]);
});
