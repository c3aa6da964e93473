import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { commandSequences, type Step } from '../../test/command-sequences.ts';
import { CaseDomainEvent, type DomainEventOf } from './case-domain-event.ts';
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

interface Moment<E extends CaseDomainEvent = CaseDomainEvent> {
  event: E;
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

/** The faults of the smallest sequence that has one; empty if no sequence has. */
function faultsOf(find: (moments: Moment[]) => unknown[]): unknown[] {
  const { counterexample } = fc.check(
    fc.property(commandSequences, (steps) => find(play(steps)).length === 0),
    { numRuns: 400 },
  );
  return counterexample ? find(play(counterexample[0])) : [];
}

/** The moments of events of these types. */
const of = <T extends CaseDomainEvent['type']>(
  moments: readonly Moment[],
  ...types: T[]
): Moment<DomainEventOf<T>>[] =>
  moments.filter((moment): moment is Moment<DomainEventOf<T>> =>
    (types as string[]).includes(moment.event.type),
  );

const repeated = (keys: readonly string[]) => keys.filter((key, i) => keys.indexOf(key) !== i);

test('the sequences reach every domain event', () => {
  const reached = new Set(
    fc
      .sample(commandSequences, 1000)
      .flatMap((steps) => play(steps).map(({ event }) => event.type)),
  );
  const all = CaseDomainEvent.options.map((option) => option.shape.type.value);
  expect([...reached].toSorted()).toEqual(all.toSorted());
});

test('a case is linked directly after its submission, and stays with its verification', () => {
  const faults = faultsOf((moments) =>
    moments.filter(({ event, before, after }, i) =>
      event.type === 'CaseLinked'
        ? moments[i - 1]?.event.type !== 'CaseSubmitted' || i !== 1
        : before.verificationId !== after.verificationId,
    ),
  );
  expect(faults).toEqual([]);
});

test('the completion of a case is published at most once', () => {
  const faults = faultsOf((moments) =>
    of(moments, 'CaseCompleted')
      .filter(({ event }) => !event.again)
      .slice(1),
  );
  expect(faults).toEqual([]);
});

test('a case completes only when every stage has ended, no review is open and no documents are awaited', () => {
  const faults = faultsOf((moments) =>
    of(moments, 'CaseCompleted').filter(
      ({ event, before }) =>
        !areStagesFinished(before) ||
        before.openReviewId !== null ||
        before.actionRequired ||
        before.completed ||
        event.again !== before.completedBefore,
    ),
  );
  expect(faults).toEqual([]);
});

test('each stage of each upload ends at most once, whatever its refreshes do', () => {
  const faults = faultsOf((moments) =>
    repeated(
      of(moments, 'StageCompleted', 'StageFailed').map(
        ({ event }) => `${event.uploadId} ${event.stage}`,
      ),
    ),
  );
  expect(faults).toEqual([]);
});

test('after a cancellation nothing follows but late results and one deletion', () => {
  const faults = faultsOf((moments) => {
    const types = moments.map(({ event }) => event.type);
    const end = types.indexOf('CaseCanceled');
    const rest = end === -1 ? [] : types.slice(end + 1);
    return [
      ...rest.filter((type) => !['LateResultReceived', 'CaseDeleted'].includes(type)),
      ...repeated(types.filter((type) => type === 'CaseDeleted')),
    ];
  });
  expect(faults).toEqual([]);
});

test('a case has one open review at most, and every review ends at most once', () => {
  const faults = faultsOf((moments) => [
    ...of(moments, 'ReviewOpened').filter(({ before }) => before.openReviewId !== null),
    ...repeated(of(moments, 'ReviewResolved', 'ReviewCanceled').map(({ event }) => event.reviewId)),
  ]);
  expect(faults).toEqual([]);
});

/** What of its uploads a refresh that fails leaves as it was. */
const resultsOf = ({ uploads }: CaseState) =>
  JSON.stringify(
    [...uploads.values()].map(({ runs, facts, documentType, extractionVersion }: Upload) => [
      [...runs],
      [...facts],
      documentType,
      extractionVersion,
    ]),
  );

test('runs of a refresh change no result before the refresh has completed, and then all of its runs count', () => {
  const faults = faultsOf((moments) => [
    ...of(moments, 'RefreshRunCompleted', 'RefreshRunFailed', 'RefreshFailed').filter(
      ({ before, after }) => resultsOf(before) !== resultsOf(after),
    ),
    ...of(moments, 'RefreshCompleted').flatMap(({ before, after }) =>
      [...before.refresh!.runs.values()].filter(
        ({ status, uploadId, stage, runId }) =>
          status !== 'completed' || after.uploads.get(uploadId)?.runs.get(stage)?.runId !== runId,
      ),
    ),
  ]);
  expect(faults).toEqual([]);
});

test('every refresh ends at most once, and every run is requested once', () => {
  const faults = faultsOf((moments) => [
    ...repeated(
      of(moments, 'RefreshCompleted', 'RefreshFailed').map(({ event }) => event.refreshId),
    ),
    ...repeated(of(moments, 'RefreshRequested').map(({ event }) => event.refreshId)),
    ...repeated(of(moments, 'StageRequested').map(({ event }) => event.runId)),
  ]);
  expect(faults).toEqual([]);
});

test('versions of an extraction and numbers of verdicts rise by one', () => {
  const numberOf = ({ uploads }: CaseState, id: string) => uploads.get(id)?.assessment?.number ?? 0;
  const faults = faultsOf((moments) => [
    ...moments.filter(({ before, after }) =>
      [...before.uploads.values()].some(
        ({ id, extractionVersion }) =>
          ![0, 1].includes(after.uploads.get(id)!.extractionVersion - extractionVersion),
      ),
    ),
    ...of(moments, 'DocumentAssessed').filter(
      ({ event, before }) => event.assessment.number !== numberOf(before, event.uploadId) + 1,
    ),
  ]);
  expect(faults).toEqual([]);
});

test('a late result changes nothing', () => {
  const faults = faultsOf((moments) =>
    of(moments, 'LateResultReceived').filter(({ before, after }) => before !== after),
  );
  expect(faults).toEqual([]);
});

test('a case without work that is left, a review or a wait is completed', () => {
  const faults = faultsOf((moments) => {
    const last = moments.at(-1)?.after;
    const isSettled =
      last?.phase === 'open' &&
      last.openReviewId === null &&
      !last.actionRequired &&
      areStagesFinished(last);
    return isSettled && statusOf(last) !== 'completed' ? [statusOf(last)] : [];
  });
  expect(faults).toEqual([]);
});
