import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import {
  after,
  context,
  deleting,
  finished,
  submitting,
  types,
  upload,
} from '../../test/case-trial.ts';
import type { CaseCommand } from './case-command.ts';
import { runIdOf } from './decision.ts';
import { CommandRefused, UnknownRun } from './refusals.ts';

test('a submission requests classification first, in the same decision', () => {
  const { last } = after(submitting([upload()]));
  expect(types(last)).toEqual(['CaseSubmitted', 'UploadReceived', 'StageRequested classification']);
});

test('TE-28 an upload with classify:false starts its features at once and has no classification', () => {
  const { last } = after(submitting([upload(['extraction', 'translation'], false)]));
  expect(types(last).slice(2)).toEqual(['StageRequested extraction', 'StageRequested translation']);
});

test.each(['completed', 'failed'] as const)(
  'when classification %s, the features follow in parallel',
  (status) => {
    const one = upload();
    const { last } = after(submitting([one]), finished(one.id, 'classification', { status }));
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
  const { events } = after(submitting([one]), finished(one.id, 'classification'));
  expect(types(events)).not.toContain('StageRequested translation');
});

test('TE-L5 a case is completed only when every stage of every upload has finished', () => {
  const [a, b] = [upload(['extraction']), upload(['forensics'], false)];
  const commands = [
    submitting([a, b]),
    finished(a.id, 'classification'),
    finished(b.id, 'forensics'),
  ];
  expect(types(after(...commands).events)).not.toContain('CaseCompleted');
  const { last } = after(...commands, finished(a.id, 'extraction'));
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', result: 'succeeded', again: false });
});

test.each([
  [['completed', 'completed'], 'succeeded'],
  [['completed', 'failed'], 'partially_failed'],
  [['failed', 'failed'], 'failed'],
] as const)('stages that %j make the result %s', ([first, second], result) => {
  const one = upload(['extraction', 'forensics'], false);
  const { last } = after(
    submitting([one]),
    finished(one.id, 'extraction', { status: first }),
    finished(one.id, 'forensics', { status: second }),
  );
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', result });
});

test('TE-30 a failed stage does not stop the others', () => {
  const one = upload(['extraction', 'forensics'], false);
  const { events } = after(
    submitting([one]),
    finished(one.id, 'extraction', { status: 'failed' }),
    finished(one.id, 'forensics'),
  );
  expect(types(events)).toContain('StageCompleted forensics');
});

test('TE-23 a second result of a run is recorded and publishes nothing', () => {
  const one = upload(['extraction'], false);
  const { last } = after(
    submitting([one]),
    finished(one.id, 'extraction', { status: 'failed' }),
    finished(one.id, 'extraction'),
  );
  expect(types(last)).toEqual(['LateResultReceived extraction']);
});

test('a result after the deletion is recorded and requests nothing', () => {
  const one = upload();
  const { last } = after(submitting([one]), deleting, finished(one.id, 'classification'));
  expect(types(last)).toEqual(['LateResultReceived classification']);
});

test('a result of a run that was never requested is refused', () => {
  expect(() => after(submitting([upload()]), finished(randomUUID(), 'extraction'))).toThrow(
    UnknownRun,
  );
});

test('TE-29 failing a run fails its stage; a finished run stays as it is', () => {
  const one = upload(['extraction'], false);
  const failRun: CaseCommand = {
    type: 'FailRun',
    runId: runIdOf(one.id, 'extraction', 1),
    failure: { code: 'DEADLINE_EXCEEDED', detail: '' },
    ...context(),
  };
  expect(types(after(submitting([one]), failRun).last)).toEqual([
    'StageFailed extraction',
    'CaseCompleted',
  ]);
  expect(after(submitting([one]), finished(one.id, 'extraction'), failRun).last).toEqual([]);
});

test('a further upload reopens a completed case, and its next completion is marked as a repeated one', () => {
  const [first, second] = [upload(['extraction'], false), upload(['extraction'], false)];
  const { events, last } = after(
    submitting([first]),
    finished(first.id, 'extraction'),
    submitting([second]),
    finished(second.id, 'extraction'),
  );
  expect(types(events).filter((type) => type === 'CaseSubmitted')).toHaveLength(1);
  expect(last.at(-1)).toMatchObject({ type: 'CaseCompleted', again: true });
});

test('a deleted case accepts no upload, and is deleted once', () => {
  expect(() => after(submitting([upload()]), deleting, submitting([upload()]))).toThrow(
    CommandRefused,
  );
  expect(after(submitting([upload()]), deleting, deleting).last).toEqual([]);
});
