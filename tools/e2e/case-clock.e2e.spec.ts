import 'reflect-metadata';
import { PartnerClient, ReviewClient } from '@casewire/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { document, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: ['classification', 'extraction'] });
});
afterAll(() => platform.stop());

const patience = { timeout: 30_000, interval: 100 };
const hour = 3600;
const day = 24 * hour;

const clientOf = ({ key }: Pick<Partner, 'key'>) => new ReviewClient(platform.url, key);

/** A document whose stages are delayed by its name, without classification. */
async function slowCase({ client }: Pick<Partner, 'client'>, seconds: number) {
  const { bytes } = await document('invoice');
  return client.submit({
    files: [{ name: `invoice.slow-${seconds}.pdf`, bytes }],
    features: ['extraction'],
    classify: false,
  });
}

/** Resolves to the stages of a case once it is completed. */
const completed = ({ client }: Partner, id: string) =>
  vi.waitFor(async () => {
    const { status, completedAt, uploads } = await client.case(id);
    expect(status).toBe('completed');
    return { completedAt: completedAt!, stages: uploads[0]!.stages };
  }, patience);

test('a stage whose deadline passes fails, and the case is completed', async () => {
  const partner = await platform.partner();
  const { receiver } = await partner.listen({
    eventTypes: ['case.extraction.failed', 'case.completed'],
  });
  const { id } = await slowCase(partner, day);
  expect(await clientOf(partner).advanceCaseClock(hour + 1)).toEqual({ runs: 1, reviews: 0 });
  // The response is sent after the overdue stages have failed.
  expect(await partner.client.case(id)).toMatchObject({
    status: 'completed',
    result: 'failed',
    uploads: [{ stages: [{ status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } }] }],
  });
  await receiver.until((requests) => requests.length === 2);
});

test('a delayed stage runs when the clock passes its delay and not its deadline', async () => {
  const partner = await platform.partner();
  const { id, submittedAt } = await slowCase(partner, 60);
  expect(await clientOf(partner).advanceCaseClock(61)).toEqual({ runs: 1, reviews: 0 });
  const { completedAt, stages } = await completed(partner, id);
  expect(stages).toMatchObject([{ stage: 'extraction', status: 'completed', failure: null }]);
  expect(Date.parse(completedAt) - Date.parse(submittedAt)).toBeLessThan(60_000);
});

test('a stage is neither begun nor failed before its time, and advances add up', async () => {
  const partner = await platform.partner();
  const { id } = await slowCase(partner, 1800);
  const clock = clientOf(partner);
  await clock.advanceCaseClock(900);
  expect(await partner.client.case(id)).toMatchObject({
    status: 'processing',
    uploads: [{ stages: [{ status: 'processing' }] }],
  });
  await clock.advanceCaseClock(901);
  expect((await completed(partner, id)).stages).toMatchObject([{ status: 'completed' }]);
});

test('an open review is due earlier, whatever the status of its case', async () => {
  const partner = await platform.partner();
  const reviews = clientOf(partner);
  const { id: caseId } = await slowCase(partner, 1);
  await completed(partner, caseId);
  const dueAt = async (id: string) => Date.parse((await reviews.review(id)).dueAt);
  const open = () => reviews.open(caseId, { reason: 'to check' });

  const first = await open();
  const due = await dueAt(first.id);
  expect(await reviews.advanceCaseClock(day)).toEqual({ runs: 0, reviews: 1 });
  expect(await dueAt(first.id)).toBe(due - day * 1000);

  await reviews.resolve(first.id, { resolution: 'more_requested', comment: 'the second page' });
  const resolved = await dueAt(first.id);
  const second = await open();
  expect(await partner.client.case(caseId)).toMatchObject({ status: 'action_required' });
  const dueSecond = await dueAt(second.id);
  expect(await reviews.advanceCaseClock(hour)).toEqual({ runs: 0, reviews: 1 });
  expect(await dueAt(second.id)).toBe(dueSecond - hour * 1000);
  expect(await dueAt(first.id)).toBe(resolved);
});

test('a refresh whose deadline passes fails, also while the case waits for documents', async () => {
  const partner = await platform.partner();
  const reviews = clientOf(partner);
  const { id: caseId } = await slowCase(partner, day);
  await reviews.advanceCaseClock(hour + 1);
  const { id } = await reviews.open(caseId, { reason: 'to check' });
  await reviews.resolve(id, { resolution: 'more_requested', comment: 'the second page' });
  await reviews.refresh(caseId);
  expect(await reviews.advanceCaseClock(hour + 1)).toEqual({ runs: 1, reviews: 0 });
  expect(await partner.client.case(caseId)).toMatchObject({
    status: 'action_required',
    refresh: { status: 'failed', failure: { code: 'DEADLINE_EXCEEDED' } },
  });
});

test('the cases of other tenants do not move, and the key of production is refused', async () => {
  const [partner, other] = [await platform.partner(), await platform.partner()];
  const { key } = await platform.operator.createApiKey(partner.organizationId, {
    environment: 'production',
  });
  const { id } = await slowCase(other, day);
  const review = await clientOf(other).open(id, { reason: 'to check' });
  await expect(clientOf({ key }).advanceCaseClock(hour + 1)).rejects.toMatchObject({
    status: 409,
    problem: { code: 'TEST_CLOCK_IN_PRODUCTION' },
  });
  expect(await clientOf(partner).advanceCaseClock(hour + 1)).toEqual({ runs: 0, reviews: 0 });
  expect(await other.client.case(id)).toMatchObject({ status: 'processing' });
  expect(await clientOf(other).review(review.id)).toEqual(review);
});

test('cases of production do not move with the sandbox of their organization', async () => {
  const partner = await platform.partner();
  const { key } = await platform.operator.createApiKey(partner.organizationId, {
    environment: 'production',
  });
  const reviews = clientOf({ key });
  const production = { client: new PartnerClient(platform.url, key) };
  const { id } = await slowCase(production, 1);
  const review = await reviews.open(id, { reason: 'to check' });
  expect(await clientOf(partner).advanceCaseClock(day)).toEqual({ runs: 0, reviews: 0 });
  expect((await reviews.review(review.id)).dueAt).toBe(review.dueAt);
});
