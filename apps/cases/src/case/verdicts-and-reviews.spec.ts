import { randomUUID } from 'node:crypto';

import type { StageFacts } from '@casewire/contracts';
import { expect, test } from 'vitest';

import {
  after,
  allFinished,
  closing,
  context,
  finished,
  opening,
  openReviewOf,
  resolving,
  reviewer,
  steering,
  submitting,
  types,
  upload,
  withReviews,
} from '../../test/case-trial.ts';
import { CommandInvalid, CommandRefused, UnknownReview } from './refusals.ts';

const settings = withReviews;
const suspicious: StageFacts = {
  stage: 'forensics',
  verdict: 'review',
  findings: [{ code: 'COPY_MOVE', severity: 'high', confidence: 0.9 }],
  passedChecks: [],
};
const unsure: StageFacts = { stage: 'classification', confidence: 0.2 };
const incomplete: StageFacts = { stage: 'extraction', fields: [], ocrConfidence: null };

test('a document is assessed when its extraction and its forensics have ended, whichever ends last', () => {
  const one = upload(['extraction', 'forensics', 'translation']);
  const { last } = after(
    submitting([one]),
    finished(one.id, 'classification'),
    finished(one.id, 'forensics'),
    finished(one.id, 'extraction'),
  );
  expect(last).toMatchObject([
    { type: 'StageCompleted', stage: 'extraction' },
    {
      type: 'DocumentAssessed',
      documentType: 'passport',
      assessment: {
        number: 1,
        verdict: 'verified',
        reasons: [],
        ocrConfidence: 0.9,
        fraudSignals: [],
        securityFeatures: ['mrz_valid'],
      },
    },
  ]);
});

test('a document without forensics has no verdict', () => {
  const one = upload(['extraction']);
  expect(types(after(submitting([one]), ...allFinished(one)).events)).not.toContain(
    'DocumentAssessed',
  );
});

test('without automatic reviews a verdict stays a verdict, and the case completes', () => {
  const one = upload(['extraction', 'forensics']);
  const { last } = after(
    submitting([one]),
    finished(one.id, 'classification', { facts: unsure }),
    finished(one.id, 'extraction', { facts: incomplete }),
    finished(one.id, 'forensics', { facts: suspicious }),
  );
  expect(types(last)).toEqual(['StageCompleted forensics', 'DocumentAssessed', 'CaseCompleted']);
  expect(last[1]).toMatchObject({
    assessment: { verdict: 'review', fraudSignals: ['COPY_MOVE'] },
  });
});

test.each([
  ['low_confidence', 'classification', { facts: unsure }],
  ['unprocessable', 'classification', { status: 'failed' as const }],
  ['fields_missing', 'extraction', { facts: incomplete }],
  ['unprocessable', 'extraction', { status: 'failed' as const }],
  ['verdict', 'forensics', { facts: suspicious }],
] as const)('%s by %s opens a review, which delays the completion only', (cause, stage, ending) => {
  const one = upload(['extraction', 'forensics']);
  const commands = allFinished(one, { settings }).map((command) =>
    command.type === 'RecordStageResult' && command.result.stage === stage
      ? finished(one.id, stage, { ...ending, settings })
      : command,
  );
  const trial = after(submitting([one], settings), ...commands);
  const opened = trial.events.filter(({ type }) => type === 'ReviewOpened');
  expect(opened).toMatchObject([{ cause, uploadId: one.id, openedBy: null }]);
  expect(types(trial.events)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^Stage(Completed|Failed) forensics/)]),
  );
  expect(trial.status).toBe('in_review');
  const resolved = after(
    submitting([one], settings),
    ...commands,
    resolving(openReviewOf(trial), 'approved'),
  );
  expect(resolved.last).toMatchObject([
    { type: 'ReviewResolved', resolution: 'approved', resolvedBy: reviewer },
    { type: 'CaseCompleted', decision: 'approved', again: false },
  ]);
  expect(resolved.status).toBe('completed');
});

test('a review is due by the hours of its priority', () => {
  const { last } = after(submitting([upload()]), opening(randomUUID()));
  expect(last).toMatchObject([
    { openedAt: '2026-01-01T10:05:00.000Z', dueAt: '2026-01-04T10:05:00.000Z', openedBy: reviewer },
  ]);
});

test('a case has one open review', () => {
  const [first, second] = [randomUUID(), randomUUID()];
  expect(() => after(submitting([upload()]), opening(first), opening(second))).toThrow(
    expect.objectContaining({ code: 'REVIEW_OPEN', message: expect.stringContaining(first) }),
  );
});

test('a review of an upload of another case is refused, naming the field', () => {
  expect(() => after(submitting([upload()]), opening(randomUUID(), randomUUID()))).toThrow(
    new CommandInvalid('uploadId', 'must be an upload of this case'),
  );
});

test('a review is assigned, and assigned again to the same person changes nothing', () => {
  const [id, assigneeId] = [randomUUID(), randomUUID()];
  const assigning = { type: 'AssignReview', reviewId: id, assigneeId, by: reviewer } as const;
  const commands = [submitting([upload()]), opening(id), { ...assigning, ...context() }];
  expect(after(...commands).last).toMatchObject([{ type: 'ReviewAssigned', assigneeId }]);
  expect(after(...commands, { ...assigning, ...context() }).last).toEqual([]);
});

test('the second resolver gets a refusal that says who resolved the review, when and how', () => {
  const id = randomUUID();
  const commands = [submitting([upload()]), opening(id), resolving(id, 'rejected')];
  const second = () => after(...commands, resolving(id, 'approved'));
  expect(second).toThrow(CommandRefused);
  expect(second).toThrow(/rejected by Back office at 2026-01-01T10:05:00.000Z; allowed now: /);
});

test('an unknown review is refused as unknown', () => {
  expect(() => after(submitting([upload()]), resolving(randomUUID(), 'approved'))).toThrow(
    UnknownReview,
  );
});

test('a rejection is the decision of the case, and its stages keep their result', () => {
  const [one, id] = [upload(['extraction']), randomUUID()];
  const { last } = after(
    submitting([one]),
    opening(id),
    ...allFinished(one),
    resolving(id, 'rejected'),
  );
  expect(last.at(-1)).toMatchObject({ result: 'succeeded', decision: 'rejected' });
});

test('corrections of a review are versions of the extraction, before the case completes', () => {
  const [one, id] = [upload(['extraction']), randomUUID()];
  const correction = { uploadId: one.id, fields: ['surname'] };
  const { last, state } = after(
    submitting([one]),
    opening(id),
    ...allFinished(one),
    resolving(id, 'corrected', [correction]),
  );
  expect(last).toMatchObject([
    { type: 'DocumentRevised', version: 2, fields: ['surname'], afterResult: false },
    { type: 'ReviewResolved' },
    { type: 'CaseCompleted', decision: 'approved' },
  ]);
  expect(state.uploads.get(one.id)?.extractionVersion).toBe(2);
});

test('asking for more keeps the case open until documents come', () => {
  const [one, two, id] = [upload(['extraction']), upload(['extraction'], false), randomUUID()];
  const asked = [
    submitting([one]),
    opening(id),
    ...allFinished(one),
    resolving(id, 'more_requested'),
  ];
  const waiting = after(...asked);
  expect(types(waiting.last)).toEqual(['ReviewResolved', 'ActionRequired']);
  expect(waiting.status).toBe('action_required');
  const more = after(...asked, submitting([two]));
  expect(more.status).toBe('processing');
  const done = after(...asked, submitting([two]), ...allFinished(two));
  expect(types(done.last)).toEqual(['StageCompleted extraction', 'CaseCompleted']);
});

test('somebody can close the wait for documents, and only then', () => {
  const [one, id] = [upload(['extraction']), randomUUID()];
  const asked = [submitting([one]), opening(id), ...allFinished(one)];
  const { last } = after(...asked, resolving(id, 'more_requested'), closing);
  expect(types(last)).toEqual(['ActionClosed', 'CaseCompleted']);
  expect(() => after(...asked, closing)).toThrow(
    expect.objectContaining({ code: 'ACTION_NOT_REQUIRED' }),
  );
});

test('a review that is opened after the completion never completes the case again', () => {
  const [one, id] = [upload(['extraction']), randomUUID()];
  const completed = [submitting([one]), ...allFinished(one), opening(id)];
  expect(after(...completed).status).toBe('completed');
  const correction = { uploadId: one.id, fields: ['surname'] };
  const { last } = after(...completed, resolving(id, 'corrected', [correction]));
  expect(last).toMatchObject([
    { type: 'DocumentRevised', afterResult: true },
    { type: 'ReviewResolved' },
  ]);
});

test('in the sandbox the file name decides the verdict and opens a review', () => {
  const one = upload(
    ['extraction', 'forensics'],
    true,
    steering({ verdict: 'rejected', review: 'unprocessable' }),
  );
  const trial = after(submitting([one]), ...allFinished(one));
  expect(trial.events).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ type: 'ReviewOpened', cause: 'unprocessable' }),
      expect.objectContaining({
        type: 'DocumentAssessed',
        assessment: expect.objectContaining({ verdict: 'rejected', reasons: ['simulated'] }),
      }),
    ]),
  );
  expect(trial.status).toBe('in_review');
});
