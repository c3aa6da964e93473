import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ActionTrial } from './action-trial.ts';
import { document, TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
});
afterAll(() => platform.stop());

interface Ids {
  caseId: string;
  reviewId: string;
}

/** Actions, each with a request and another one that has the same route. */
const actions: [path: (ids: Ids) => string, body: unknown, other: unknown][] = [
  [
    ({ caseId }) => `cases/${caseId}/revisions`,
    { reference: 'a', reason: 'x' },
    { reference: 'b', reason: 'x' },
  ],
  [({ reviewId }) => `reviews/${reviewId}/comments`, { text: 'a' }, { text: 'b' }],
  [
    ({ reviewId }) => `reviews/${reviewId}/assign`,
    { assigneeId: randomUUID() },
    { assigneeId: randomUUID() },
  ],
  [
    ({ reviewId }) => `reviews/${reviewId}/resolve`,
    { resolution: 'approved' },
    { resolution: 'rejected' },
  ],
  [() => 'test-clock/advance', { seconds: 60 }, { seconds: 61 }],
];

describe.each(
  actions.map(
    ([path, ...bodies]) => [path({ caseId: ':id', reviewId: ':id' }), path, ...bodies] as const,
  ),
)('POST %s with an Idempotency-Key', (_, pathOf, body, other) => {
  async function trialWith() {
    const trial = await ActionTrial.start(platform);
    const { caseId } = await trial.submit();
    const { id: reviewId } = await trial.reviews.open(caseId, { reason: 'to check' });
    return {
      trial,
      caseId,
      request: { path: pathOf({ caseId, reviewId }), idempotencyKey: randomUUID() },
    };
  }

  test('is carried out once: in turn, at the same time, and never for another body', async () => {
    const { trial, caseId, request } = await trialWith();
    const [first, second] = await Promise.all([
      trial.send({ ...request, body }),
      trial.send({ ...request, body }),
    ]);
    expect(first.status).toBe(200);
    expect(second).toEqual(first);
    const after = await trial.stateOf(caseId);
    expect(await trial.send({ ...request, body })).toEqual(first);
    expect(await trial.stateOf(caseId)).toEqual(after);
    expect(await trial.refused(caseId, { ...request, body: other })).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  test.each(['', 'x'.repeat(256), 'a b\u00e9'])('refuses the key %j', async (idempotencyKey) => {
    const { trial, caseId, request } = await trialWith();
    expect(await trial.refused(caseId, { ...request, body, idempotencyKey })).toMatchObject({
      status: 400,
      code: 'IDEMPOTENCY_KEY_INVALID',
      fields: ['Idempotency-Key'],
    });
  });
});

test('the key of one route is refused on another route, and is free for another organization', async () => {
  const [one, two] = [await ActionTrial.start(platform), await ActionTrial.start(platform)];
  const idempotencyKey = randomUUID();
  const body = { reason: 'to check' };
  const open = async (trial: ActionTrial) => {
    const { caseId } = await trial.submit();
    const sent = await trial.send({ path: `cases/${caseId}/reviews`, body, idempotencyKey });
    return { caseId, sent };
  };
  const { caseId, sent } = await open(one);
  expect(sent.status).toBe(201);
  expect((await open(two)).sent.status).toBe(201);
  expect(
    await one.refused(caseId, { path: `cases/${caseId}/cancel`, idempotencyKey }),
  ).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  // The same action on another case is another request.
  expect((await open(one)).sent).toMatchObject({ status: 422 });
});

test('a refused action leaves its key free', async () => {
  const trial = await ActionTrial.start(platform);
  const { caseId } = await trial.submit();
  const request = { path: `cases/${caseId}/close`, idempotencyKey: randomUUID() };
  expect(await trial.refused(caseId, request)).toMatchObject({ status: 409 });
  expect(await trial.refused(caseId, request)).toMatchObject({ status: 409 });
  const canceled = await trial.send({ ...request, path: `cases/${caseId}/cancel` });
  expect(canceled.status).toBe(200);
});

test('after the deletion of its case no stored response is given again, and no request is carried out again', async () => {
  const trial = await ActionTrial.start(platform);
  const keys = { submission: randomUUID(), opening: randomUUID(), comment: randomUUID() };
  const submission = { files: [await document('invoice')], externalId: 'forgotten' };
  const { id: caseId } = await trial.cases.submit(submission, keys.submission);
  const review = { reason: 'forgotten' };
  const { id: reviewId } = await trial.reviews.open(caseId, review, keys.opening);
  await trial.reviews.comment(reviewId, 'forgotten', keys.comment);
  await trial.cases.deleteCase(caseId);
  const repeated = [
    () => trial.cases.submit(submission, keys.submission),
    () => trial.reviews.open(caseId, review, keys.opening),
    () => trial.reviews.comment(reviewId, 'forgotten', keys.comment),
  ];
  for (const repeat of repeated)
    await expect(repeat()).rejects.toMatchObject({
      status: 409,
      problem: { code: 'RESPONSE_ERASED' },
    });
  expect((await trial.cases.cases()).items).toEqual([]);
});
