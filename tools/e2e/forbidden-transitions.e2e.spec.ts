import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ActionTrial, type ActionRequest } from './action-trial.ts';
import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
let trial: ActionTrial;
beforeAll(async () => {
  // Stages are never run: nothing changes but by requests.
  platform = await TestPlatform.start({ stages: [] });
  trial = await ActionTrial.start(platform);
});
afterAll(() => platform.stop());

/** A case that is completed: its stages failed, because their deadline passed. */
async function completedCase() {
  const own = await ActionTrial.start(platform);
  const submitted = await own.submit();
  // Extraction is requested when classification has failed.
  for (const stage of ['classification', 'extraction'])
    expect([stage, await own.reviews.advanceCaseClock(2_592_000)]).toEqual([
      stage,
      { runs: 1, reviews: 0 },
    ]);
  expect(await own.cases.case(submitted.caseId)).toMatchObject({ status: 'completed' });
  return { own, ...submitted };
}

const open = { reason: 'to check' };
const correction = { fields: [{ name: 'surname', value: 'x' }], reason: 'x' };

const conflict = (code: string, reason: string, allowed: string) => ({
  status: 409,
  code,
  detail: `${reason}; allowed now: ${allowed}`,
  fields: [],
});

describe('a case that is processed', () => {
  const allowed = 'upload, open_review, revise, cancel, delete';

  test('is not closed', async () => {
    const { caseId } = await trial.submit();
    expect(await trial.refused(caseId, { path: `cases/${caseId}/close` })).toEqual(
      conflict('ACTION_NOT_REQUIRED', 'the case is processing', allowed),
    );
  });

  test('is not refreshed while a selected stage runs', async () => {
    const { caseId, uploadId } = await trial.submit();
    const reason = `classification of the upload ${uploadId} has not ended yet`;
    expect(await trial.refused(caseId, { path: `cases/${caseId}/refresh`, body: {} })).toEqual(
      conflict('RUN_IN_PROGRESS', reason, allowed),
    );
  });

  test('has no extraction to correct, neither by a revision nor by a review', async () => {
    const { caseId, uploadId } = await trial.submit();
    const reason = `the upload ${uploadId} has no extraction to correct`;
    const path = `cases/${caseId}/uploads/${uploadId}/revisions`;
    expect(await trial.refused(caseId, { path, body: correction })).toEqual(
      conflict('NO_EXTRACTION', reason, allowed),
    );
    const { id } = await trial.reviews.open(caseId, open);
    const corrections = [{ uploadId, fields: correction.fields }];
    const body = { resolution: 'corrected', corrections };
    expect(await trial.refused(caseId, { path: `reviews/${id}/resolve`, body })).toEqual(
      conflict('NO_EXTRACTION', reason, 'upload, resolve_review, revise, cancel, delete'),
    );
  });

  test('has one open review', async () => {
    const { caseId } = await trial.submit();
    const { id } = await trial.reviews.open(caseId, open);
    expect(await trial.refused(caseId, { path: `cases/${caseId}/reviews`, body: open })).toEqual(
      conflict(
        'REVIEW_OPEN',
        `the review ${id} is open`,
        'upload, resolve_review, revise, cancel, delete',
      ),
    );
  });

  test('does not take the external id of another case', async () => {
    const { caseId } = await trial.submit();
    const { caseId: other } = await trial.submit();
    await trial.reviews.reviseCase(other, { externalId: 'taken', reason: 'first' });
    const body = { externalId: 'taken', reason: 'second' };
    expect(await trial.refused(caseId, { path: `cases/${caseId}/revisions`, body })).toMatchObject({
      status: 409,
      code: 'EXTERNAL_ID_TAKEN',
      fields: ['externalId'],
    });
  });
});

test('a completed case is not canceled', async () => {
  const { own, caseId } = await completedCase();
  expect(await own.refused(caseId, { path: `cases/${caseId}/cancel` })).toEqual(
    conflict(
      'CASE_COMPLETED',
      'the case is completed already',
      'upload, open_review, revise, refresh, delete',
    ),
  );
});

test('a case has one refresh at a time', async () => {
  const { own, caseId } = await completedCase();
  const { refresh } = await own.reviews.refresh(caseId);
  expect(await own.refused(caseId, { path: `cases/${caseId}/refresh`, body: {} })).toEqual(
    conflict(
      'REFRESH_IN_PROGRESS',
      `the refresh ${refresh!.id} is under way`,
      'upload, open_review, revise, delete',
    ),
  );
});

describe('a review that has ended', () => {
  const requests = (id: string): ActionRequest[] => [
    { path: `reviews/${id}/resolve`, body: { resolution: 'rejected' } },
    { path: `reviews/${id}/assign`, body: { assigneeId: randomUUID() } },
  ];

  test('is neither decided nor assigned again: the problem says who decided it, how and when', async () => {
    const { caseId } = await trial.submit();
    const { id } = await trial.reviews.open(caseId, open);
    const { resolvedBy, resolvedAt } = await trial.reviews.resolve(id, { resolution: 'approved' });
    const name = resolvedBy!.name ?? `api_key ${resolvedBy!.id}`;
    const reason = `the review was resolved as approved by ${name} at ${resolvedAt}`;
    for (const request of requests(id))
      expect(await trial.refused(caseId, request)).toEqual(
        conflict('REVIEW_RESOLVED', reason, 'upload, open_review, revise, cancel, delete'),
      );
  });

  test('with its case is neither decided nor assigned', async () => {
    const { caseId } = await trial.submit();
    const { id } = await trial.reviews.open(caseId, open);
    await trial.reviews.cancel(caseId);
    for (const request of requests(id))
      expect(await trial.refused(caseId, request)).toEqual(
        conflict('REVIEW_CANCELED', 'the review was canceled with its case', 'delete'),
      );
  });
});

test('a canceled case accepts nothing but its deletion', async () => {
  const { caseId, uploadId } = await trial.submit();
  await trial.reviews.cancel(caseId);
  const requests: [string, unknown][] = [
    ['reviews', open],
    ['revisions', { reference: 'x', reason: 'x' }],
    [`uploads/${uploadId}/revisions`, correction],
    ['refresh', {}],
    ['close', undefined],
  ];
  for (const [path, body] of requests)
    expect(
      await trial.refused(caseId, {
        path: `cases/${caseId}/${path}`,
        ...(body !== undefined && { body }),
      }),
    ).toEqual(conflict('CASE_CANCELED', 'the case was canceled', 'delete'));
  // Canceled again, it stays as it is.
  const before = await trial.stateOf(caseId);
  await trial.reviews.cancel(caseId);
  expect(await trial.stateOf(caseId)).toEqual(before);
});

test('a deleted case, its review and its documents are not found', async () => {
  const { caseId, uploadId } = await trial.submit();
  const { id } = await trial.reviews.open(caseId, open);
  await trial.cases.deleteCase(caseId);
  const requests: ActionRequest[] = [
    { path: `cases/${caseId}/reviews`, body: open },
    { path: `reviews/${id}/assign`, body: { assigneeId: randomUUID() } },
    { path: `reviews/${id}/comments`, body: { text: 'x' } },
    { path: `reviews/${id}/resolve`, body: { resolution: 'approved' } },
    { path: `cases/${caseId}/revisions`, body: { reference: 'x', reason: 'x' } },
    { path: `cases/${caseId}/uploads/${uploadId}/revisions`, body: correction },
    { path: `cases/${caseId}/refresh`, body: {} },
    { path: `cases/${caseId}/cancel` },
    { path: `cases/${caseId}/close` },
    { path: `reviews/${id}`, method: 'GET' },
    { path: `cases/${caseId}/results`, method: 'GET' },
    { path: `cases/${caseId}/uploads/${uploadId}/document`, method: 'GET' },
  ];
  for (const request of requests)
    expect([request.path, (await trial.send(request)).status]).toEqual([request.path, 404]);
  expect((await trial.reviews.reviews({ caseId })).items).toEqual([]);
});

test('of two people who decide at the same time one succeeds, and the other one reads who it was', async () => {
  const keys = await Promise.all(
    ['Ana', 'Ben'].map((name) =>
      platform.operator.createApiKey(trial.partner.organizationId, {
        environment: 'sandbox',
        name,
      }),
    ),
  );
  for (let round = 0; round < 5; round++) {
    const { caseId } = await trial.submit();
    const { id } = await trial.reviews.open(caseId, open);
    const sent = await Promise.all(
      keys.map(({ key }, i) =>
        trial.send({
          path: `reviews/${id}/resolve`,
          body: { resolution: i === 0 ? 'approved' : 'rejected' },
          key,
        }),
      ),
    );
    expect(sent.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const { resolution, resolvedBy, resolvedAt } = await trial.reviews.review(id);
    const first = sent.findIndex(({ status }) => status === 200);
    expect([resolution, resolvedBy!.name]).toEqual(
      first === 0 ? ['approved', 'Ana'] : ['rejected', 'Ben'],
    );
    const refused = sent[1 - first]!.body as { code: string; detail: string };
    expect(refused.code).toBe('REVIEW_RESOLVED');
    expect(refused.detail).toContain(`${resolution} by ${resolvedBy!.name} at ${resolvedAt};`);
    const events = (await trial.cases.events(caseId)).items.map(({ type }) => type);
    expect(events.filter((type) => type === 'review.resolved')).toHaveLength(1);
  }
});
