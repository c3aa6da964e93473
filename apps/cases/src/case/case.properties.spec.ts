import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { commandSequences, type Step } from '../../test/command-sequences.ts';
import { CaseDomainEvent } from './case-domain-event.ts';
import {
  areStagesFinished,
  initialState,
  statusOf,
  type CaseState,
  type Upload,
} from './case-state.ts';
import { decide } from './case.ts';
import { evolve } from './evolve.ts';
import { CommandInvalid, CommandRefused, UnknownReview, UnknownRun } from './refusals.ts';

interface Moment {
  event: CaseDomainEvent;
  before: CaseState;
  after: CaseState;
}

/** Every domain event of a sequence with the states around it. Refused commands change nothing. */
function play(steps: readonly Step[]): Moment[] {
  const moments: Moment[] = [];
  let state = initialState();
  for (const [index, step] of steps.entries()) {
    for (const event of decided(step, state, index)) {
      const after = evolve(state, event);
      moments.push({ event, before: state, after });
      state = after;
    }
  }
  return moments;
}

function decided(step: Step, state: CaseState, index: number): CaseDomainEvent[] {
  try {
    return decide(step(state, index, 'one'), state);
  } catch (error) {
    const isRefusal = [CommandRefused, CommandInvalid, UnknownReview, UnknownRun].some(
      (kind) => error instanceof kind,
    );
    if (isRefusal) return [];
    throw error;
  }
}

/** Checks a property of all sequences. */
const always = (check: (moments: Moment[]) => void) =>
  fc.assert(
    fc.property(commandSequences, (steps) => {
      check(play(steps));
    }),
    { numRuns: 1500 },
  );

const eventsOf = (moments: readonly Moment[]) => moments.map(({ event }) => event);
const publishedCompletions = (moments: readonly Moment[]) =>
  eventsOf(moments).filter((event) => event.type === 'CaseCompleted' && !event.again);

test('the sequences reach every domain event', () => {
  const reached = new Set(
    fc.sample(commandSequences, 2000).flatMap((steps) => eventsOf(play(steps)).map((e) => e.type)),
  );
  const all = CaseDomainEvent.options.map((option) => option.shape.type.value);
  expect([...reached].toSorted()).toEqual(all.toSorted());
});

test('the completion of a case is published at most once', () => {
  always((moments) => expect(publishedCompletions(moments).length).toBeLessThanOrEqual(1));
});

test('a case completes only when every stage has ended, no review is open and no documents are awaited', () => {
  always((moments) => {
    for (const { event, before } of moments.filter(({ event: e }) => e.type === 'CaseCompleted')) {
      expect(areStagesFinished(before)).toBe(true);
      expect([before.openReviewId, before.actionRequired, before.completed]).toEqual([
        null,
        false,
        false,
      ]);
      expect(event).toMatchObject({ again: before.completedBefore });
    }
  });
});

test('each stage of each upload ends at most once, whatever its refreshes do', () => {
  always((moments) => {
    const ends = eventsOf(moments).flatMap((event) =>
      event.type === 'StageCompleted' || event.type === 'StageFailed'
        ? [`${event.uploadId} ${event.stage}`]
        : [],
    );
    expect(new Set(ends).size).toBe(ends.length);
  });
});

test('after a cancellation nothing follows but late results and the deletion', () => {
  always((moments) => {
    const types = eventsOf(moments).map(({ type }) => type);
    const end = types.findIndex((type) => type === 'CaseCanceled');
    const rest = end === -1 ? [] : types.slice(end + 1);
    for (const type of rest) expect(['LateResultReceived', 'CaseDeleted']).toContain(type);
    expect(types.filter((type) => type === 'CaseDeleted').length).toBeLessThanOrEqual(1);
  });
});

test('a case has one open review at most, and every review ends at most once', () => {
  always((moments) => {
    for (const { event, before } of moments)
      if (event.type === 'ReviewOpened') expect(before.openReviewId).toBeNull();
    const ended = eventsOf(moments).flatMap((event) =>
      event.type === 'ReviewResolved' || event.type === 'ReviewCanceled' ? [event.reviewId] : [],
    );
    expect(new Set(ended).size).toBe(ended.length);
  });
});

/** What of an upload a refresh that fails leaves as it was. */
const resultsOf = ({ uploads }: CaseState) =>
  [...uploads.values()].map(({ runs, facts, documentType, extractionVersion }: Upload) => ({
    runs,
    facts,
    documentType,
    extractionVersion,
  }));

test('runs of a refresh change no result before the refresh has completed, and then all of its runs count', () => {
  always((moments) => {
    for (const { event, before, after } of moments) {
      if (
        event.type === 'RefreshRunCompleted' ||
        event.type === 'RefreshRunFailed' ||
        event.type === 'RefreshFailed'
      )
        expect(resultsOf(after)).toEqual(resultsOf(before));
      if (event.type !== 'RefreshCompleted') continue;
      for (const run of before.refresh!.runs.values()) {
        expect(run.status).toBe('completed');
        expect(after.uploads.get(run.uploadId)?.runs.get(run.stage)?.runId).toBe(run.runId);
      }
    }
  });
});

test('every refresh ends at most once, and a run id is requested once', () => {
  always((moments) => {
    const ends = eventsOf(moments).flatMap((event) =>
      event.type === 'RefreshCompleted' || event.type === 'RefreshFailed' ? [event.refreshId] : [],
    );
    expect(new Set(ends).size).toBe(ends.length);
    const runs = eventsOf(moments).flatMap((event) =>
      event.type === 'StageRequested' ? [event.runId] : [],
    );
    expect(new Set(runs).size).toBe(runs.length);
  });
});

test('versions of an extraction and numbers of verdicts rise by one', () => {
  always((moments) => {
    for (const { before, after, event } of moments) {
      for (const [id, upload] of after.uploads) {
        const old = before.uploads.get(id);
        if (!old) continue;
        expect(upload.extractionVersion - old.extractionVersion).toBeOneOf([0, 1]);
      }
      if (event.type === 'DocumentAssessed')
        expect(event.assessment.number).toBe(
          (before.uploads.get(event.uploadId)?.assessment?.number ?? 0) + 1,
        );
    }
  });
});

test('a late result changes nothing', () => {
  always((moments) => {
    for (const { event, before, after } of moments)
      if (event.type === 'LateResultReceived') expect(after).toEqual(before);
  });
});

test('a case without work that is left, a review or a wait is completed', () => {
  always((moments) => {
    const last = moments.at(-1)?.after;
    if (last?.stage !== 'open' || last.openReviewId !== null || last.actionRequired) return;
    if (areStagesFinished(last)) expect(statusOf(last)).toBe('completed');
  });
});
