import {
  ReviewResolution,
  Stage,
  uuidV5,
  type Feature,
  type StageFacts,
} from '@casewire/contracts';
import * as fc from 'fast-check';

import type { CaseCommand } from '../src/case/case-command.ts';
import type { CaseState } from '../src/case/case-state.ts';
import {
  canceling,
  closing,
  context,
  deleting,
  finished,
  opening,
  refreshing,
  resolving,
  reviewer,
  submitting,
  withReviews,
} from './case-trial.ts';

/** One step of a sequence: it becomes a command when the state before it, its place and the name of the sequence are known. */
export type Step = (state: CaseState, index: number, sequence: string) => CaseCommand;

const idOf = (sequence: string, kind: string, index: number) =>
  uuidV5('trial', sequence, kind, `${index}`);

/** One of the values, by a number of any size. */
const pick = <T>(values: readonly T[], number: number): T | undefined =>
  values[number % Math.max(values.length, 1)];

const features = fc.subarray(['extraction', 'forensics', 'translation'] as Feature[]);
const settings = fc.constantFrom({}, withReviews);

/** For one of two verifications, or for none. */
const submission: fc.Arbitrary<Step> = fc
  .tuple(fc.boolean(), features, settings, fc.option(fc.nat(1)))
  .map(([classify, requested, given, number]): Step => (_, index, sequence) => {
    const upload = { id: idOf(sequence, 'upload', index), classify, features: requested };
    const verification =
      number === null
        ? null
        : {
            id: idOf(sequence, 'verification', number),
            orderId: idOf(sequence, 'order', 0),
          };
    return submitting([upload], given, verification);
  });

/** A result of any run, also of one that ended long ago, or was never requested. */
const stageResult: fc.Arbitrary<Step> = fc
  .record({
    upload: fc.nat(5),
    stage: fc.constantFrom(...Stage.options),
    back: fc.nat(2),
    status: fc.constantFrom('completed' as const, 'completed' as const, 'failed' as const),
    doubtful: fc.boolean(),
    settings,
  })
  .map(
    ({ upload, stage, back, status, doubtful, settings: given }): Step =>
      (state, index, sequence) => {
        const found = pick([...state.uploads.values()], upload);
        const run = Math.max(1, (found?.lastRun.get(stage) ?? 1) - back);
        const id = found?.id ?? idOf(sequence, 'unknown', index);
        const facts: { facts?: StageFacts | undefined } = doubtful
          ? { facts: doubtfulFacts[stage] }
          : {};
        return finished(id, stage, { run, status, settings: given, ...facts });
      },
  );

const doubtfulFacts: Partial<Record<Stage, StageFacts>> = {
  classification: { stage: 'classification', confidence: 0.1 },
  extraction: { stage: 'extraction', fields: [], ocrConfidence: 0.1 },
  forensics: { stage: 'forensics', verdict: 'review', findings: [], passedChecks: [] },
};

/** The result that the case waits for next: sequences get to their end. */
const awaitedResult: fc.Arbitrary<Step> = fc
  .tuple(
    fc.nat(50),
    fc.constantFrom('completed' as const, 'completed' as const, 'failed' as const),
    settings,
  )
  .map(([number, status, given]): Step => (state, index, sequence) => {
    const first = [...state.uploads.values()].flatMap((upload) =>
      [...upload.runs.values()].map((run) => ({ uploadId: upload.id, ...run })),
    );
    const again = [...(state.refresh?.runs.values() ?? [])].filter(({ requested }) => requested);
    const awaited = [...first, ...again].filter((run) => run.status === 'processing');
    const run = pick(awaited, number);
    return finished(run?.uploadId ?? idOf(sequence, 'unknown', index), run?.stage ?? 'extraction', {
      run: run?.run ?? 1,
      status,
      settings: given,
    });
  });

const review: fc.Arbitrary<Step> = fc
  .tuple(fc.boolean(), fc.constantFrom(...ReviewResolution.options), fc.nat(5))
  .map(([opens, resolution, upload]): Step => (state, index, sequence) => {
    const known = state.openReviewId ?? pick([...state.reviews.keys()], upload);
    if (opens || known === undefined) return opening(idOf(sequence, 'review', index));
    const corrected = pick([...state.uploads.values()], upload);
    const corrections =
      resolution === 'corrected' && corrected
        ? [{ uploadId: corrected.id, fields: ['surname'] }]
        : [];
    return resolving(known, resolution, corrections);
  });

const revision: fc.Arbitrary<Step> = fc.nat(5).map((number): Step => (state, index, sequence) => ({
  type: 'ReviseDocument',
  correction: {
    uploadId: pick([...state.uploads.keys()], number) ?? idOf(sequence, 'unknown', index),
    fields: ['surname'],
  },
  by: reviewer,
  ...context(),
}));

const assignment: fc.Arbitrary<Step> = fc
  .nat(3)
  .map((person): Step => (state, index, sequence) => ({
    type: 'AssignReview',
    reviewId: state.openReviewId ?? idOf(sequence, 'unknown', index),
    assigneeId: idOf(sequence, 'person', person),
    by: reviewer,
    ...context(),
  }));

const small: fc.Arbitrary<Step> = fc
  .constantFrom<CaseCommand>(
    closing,
    { type: 'ReviseCase', fields: ['reference'], by: reviewer, ...context() },
    { type: 'AdvanceTime', seconds: 60, ...context() },
  )
  .map(
    (command): Step =>
      () =>
        command,
  );

const refresh: fc.Arbitrary<Step> = fc
  .tuple(fc.option(fc.subarray([...Stage.options], { minLength: 1 })), fc.boolean())
  .map(([stages, repeats]): Step => (state, index, sequence) => {
    const known = [...state.refreshIds].at(-1);
    return refreshing(
      repeats && known !== undefined ? known : idOf(sequence, 'refresh', index),
      stages,
    );
  });

const failing: fc.Arbitrary<Step> = fc.nat(50).map((number): Step => (state, index, sequence) => {
  const runs = [...state.uploads.values()].flatMap(({ runs: current }) => [...current.values()]);
  return {
    type: 'FailRun',
    runId:
      pick([...runs, ...(state.refresh?.runs.values() ?? [])], number)?.runId ??
      idOf(sequence, 'unknown', index),
    failure: { code: 'DEADLINE_EXCEEDED', detail: '' },
    ...context(),
  };
});

const ending: fc.Arbitrary<Step> = fc.constantFrom<CaseCommand>(canceling, deleting).map(
  (command): Step =>
    () =>
      command,
);

/** Sequences of everything that can happen to a case, in any order, duplicates and late results included. */
export const commandSequences: fc.Arbitrary<Step[]> = fc
  .tuple(
    submission,
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: awaitedResult },
        { weight: 3, arbitrary: stageResult },
        { weight: 2, arbitrary: submission },
        { weight: 3, arbitrary: review },
        { weight: 2, arbitrary: revision },
        { weight: 1, arbitrary: assignment },
        { weight: 3, arbitrary: small },
        { weight: 2, arbitrary: refresh },
        { weight: 1, arbitrary: failing },
        { weight: 1, arbitrary: ending },
      ),
      { minLength: 5, maxLength: 50, size: 'max' },
    ),
  )
  .map(([first, rest]) => [first, ...rest]);
