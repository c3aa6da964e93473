import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ActionTrial } from './action-trial.ts';
import {
  invalidAdvances,
  invalidAssignments,
  invalidComments,
  invalidCorrections,
  invalidDecisions,
  invalidRefreshes,
  invalidReviews,
  invalidRevisions,
} from './invalid-actions.ts';
import { invalidPages } from './invalid-values.ts';
import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
let trial: ActionTrial;
let caseId: string;
let uploadId: string;
let reviewId: string;
/** A case of another organization, with a review. */
let strange: { caseId: string; uploadId: string; reviewId: string };
beforeAll(async () => {
  // Stages are never run: nothing changes but by requests.
  platform = await TestPlatform.start({ stages: [] });
  trial = await ActionTrial.start(platform);
  ({ caseId, uploadId } = await trial.submit());
  ({ id: reviewId } = await trial.reviews.open(caseId, { reason: 'to check' }));
  const stranger = await ActionTrial.start(platform);
  const other = await stranger.submit();
  const { id } = await stranger.reviews.open(other.caseId, { reason: 'to check' });
  strange = { ...other, reviewId: id };
});
afterAll(() => platform.stop());

const validationFailed = (...fields: string[]) =>
  expect.objectContaining({ status: 400, code: 'VALIDATION_FAILED', fields });

const routes = (): Record<string, string> => ({
  'open a review': `cases/${caseId}/reviews`,
  'assign a review': `reviews/${reviewId}/assign`,
  'comment on a review': `reviews/${reviewId}/comments`,
  'decide a review': `reviews/${reviewId}/resolve`,
  'revise a case': `cases/${caseId}/revisions`,
  'revise a document': `cases/${caseId}/uploads/${uploadId}/revisions`,
  'refresh a case': `cases/${caseId}/refresh`,
  'advance the test clock': 'test-clock/advance',
});

const invalid: Record<string, [unknown, string][]> = {
  'open a review': invalidReviews,
  'assign a review': invalidAssignments,
  'comment on a review': invalidComments,
  'decide a review': invalidDecisions,
  'revise a case': invalidRevisions,
  'revise a document': invalidCorrections,
  'refresh a case': invalidRefreshes,
  'advance the test clock': invalidAdvances,
};

describe.each(Object.entries(invalid))('%s', (what, bodies) => {
  test.each(bodies)('%j is refused with the field, and changes nothing', async (body, field) => {
    const refused = await trial.refused(caseId, { path: routes()[what]!, body });
    expect(refused).toEqual(validationFailed(field));
  });

  test('incomplete JSON is refused, and changes nothing', async () => {
    const refused = await trial.refused(caseId, { path: routes()[what]!, body: '{"reason":' });
    expect(refused).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
  });
});

describe('an upload of another case', () => {
  test('has no review in this case', async () => {
    const body = { reason: 'x', uploadId: strange.uploadId };
    const fresh = await trial.submit();
    const path = `cases/${fresh.caseId}/reviews`;
    expect(await trial.refused(fresh.caseId, { path, body })).toEqual(validationFailed('uploadId'));
  });

  test('is not corrected by a review of this case', async () => {
    const { uploadId: other } = await trial.submit();
    for (const id of [other, strange.uploadId]) {
      const corrections = [{ uploadId: id, fields: [{ name: 'surname', value: 'x' }] }];
      const body = { resolution: 'corrected', corrections };
      const path = `reviews/${reviewId}/resolve`;
      expect(await trial.refused(caseId, { path, body })).toEqual(
        validationFailed('corrections.0.uploadId'),
      );
    }
  });

  test('is not refreshed with this case', async () => {
    const body = { uploadIds: [uploadId, strange.uploadId] };
    expect(await trial.refused(caseId, { path: `cases/${caseId}/refresh`, body })).toEqual(
      validationFailed('uploadIds.1'),
    );
  });

  test('is not found below this case', async () => {
    const { uploadId: other } = await trial.submit();
    const body = { fields: [{ name: 'surname', value: 'x' }], reason: 'x' };
    for (const path of ['revisions', 'document', 'pages/1', 'findings/1/image']) {
      const request = { path: `cases/${caseId}/uploads/${other}/${path}` };
      const sent = path === 'revisions' ? { ...request, body } : { ...request, method: 'GET' };
      expect(await trial.refused(caseId, sent)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    const path = `cases/${caseId}/uploads/${other}/extraction/versions`;
    expect(await trial.refused(caseId, { path, method: 'GET' })).toMatchObject({ status: 404 });
  });
});

const actions: [string, unknown][] = [
  ['cases/CASE/reviews', { reason: 'x' }],
  ['reviews/REVIEW/assign', { assigneeId: randomUUID() }],
  ['reviews/REVIEW/comments', { text: 'x' }],
  ['reviews/REVIEW/resolve', { resolution: 'approved' }],
  ['cases/CASE/revisions', { reference: 'x', reason: 'x' }],
  ['cases/CASE/uploads/UPLOAD/revisions', { fields: [{ name: 'a', value: 'x' }], reason: 'x' }],
  ['cases/CASE/refresh', {}],
  ['cases/CASE/cancel', undefined],
  ['cases/CASE/close', undefined],
];

const withIds = (path: string, ids: { caseId: string; uploadId: string; reviewId: string }) =>
  path.replace('CASE', ids.caseId).replace('UPLOAD', ids.uploadId).replace('REVIEW', ids.reviewId);

describe.each(actions)('POST %s', (path, body) => {
  const request = (ids: Parameters<typeof withIds>[1]) => ({
    path: withIds(path, ids),
    ...(body !== undefined && { body }),
  });

  test('finds nothing of another organization', async () => {
    expect(await trial.refused(caseId, request(strange))).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
  });

  test('finds nothing that does not exist', async () => {
    const [none, one] = [randomUUID(), randomUUID()];
    expect(
      await trial.refused(caseId, request({ caseId: none, uploadId: one, reviewId: one })),
    ).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  test.each(['x', '%00', '%ED%A0%80'])('refuses the id %s', async (id) => {
    const ids = { caseId: id, uploadId, reviewId: id };
    expect(await trial.refused(caseId, request(ids))).toMatchObject({ status: 400 });
  });
});

describe('reading', () => {
  const read = (path: string) => trial.refused(caseId, { path, method: 'GET' });

  test.each<[query: string, field: string]>([
    ...invalidPages,
    ['status=done', 'status'],
    ['status=open&status=resolved', 'status'],
    ['caseId=x', 'caseId'],
    ['assigneeId=Ana', 'assigneeId'],
    ['colour=red', 'colour'],
  ])('reviews?%s is refused with the field', async (query, field) => {
    expect(await read(`reviews?${query}`)).toEqual(validationFailed(field));
  });

  // The position of an event is a number: 7 is a valid one.
  const pages = invalidPages.filter(([query]) => query !== 'cursor=Nw');
  test.each(pages)('events?%s is refused with the field', async (query, field) => {
    expect(await read(`cases/${caseId}/events?${query}`)).toEqual(validationFailed(field));
  });

  test.each(['0', 'x', '1.5', '', '-1', '1&version=2'])(
    'extraction?version=%s is refused with the field',
    async (version) => {
      const path = `cases/${caseId}/extraction?version=${version}`;
      expect(await read(path)).toEqual(validationFailed('version'));
    },
  );

  test.each([
    ['pages/0', 'page'],
    ['pages/x', 'page'],
    ['pages/1.5', 'page'],
    ['findings/0/image', 'number'],
    ['findings/x/image', 'number'],
  ])('%s is refused with the field', async (path, field) => {
    expect(await read(`cases/${caseId}/uploads/${uploadId}/${path}`)).toEqual(
      validationFailed(field),
    );
  });

  test.each(['pages/2', 'pages/1000', 'findings/1/image'])('%s is not found', async (path) => {
    expect(await read(`cases/${caseId}/uploads/${uploadId}/${path}`)).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
  });

  test.each([
    'cases/CASE/results',
    'cases/CASE/events',
    'cases/CASE/timeline',
    'cases/CASE/revisions',
    'cases/CASE/extraction?version=1',
    'cases/CASE/uploads/UPLOAD/extraction/versions',
    'cases/CASE/uploads/UPLOAD/document',
    'cases/CASE/uploads/UPLOAD/pages/1',
    'reviews/REVIEW',
  ])('%s of another organization is not found', async (path) => {
    expect(await read(withIds(path, strange))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });
});
