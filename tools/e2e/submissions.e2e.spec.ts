import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { formOf, type Submission } from '@casewire/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { expectRefused } from './refused-submission.ts';
import { document, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
beforeAll(async () => {
  // A submission is checked before any stage runs.
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner();
});
afterAll(() => platform.stop());

const own = () => ({ platform, partner });

const metadata = (from: number, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${from + i}`, i]));

test('the metadata of a case stays below its limit, over all submissions with one external id', async () => {
  const externalId = randomUUID();
  const submit = async (given: Record<string, number>) =>
    partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
      externalId,
      metadata: given,
    });
  const first = await submit(metadata(0, 30));
  await submit(metadata(20, 30));
  await expect(submit(metadata(50, 1))).rejects.toMatchObject({
    problem: {
      status: 400,
      errors: [{ field: 'metadata', rule: expect.stringContaining('50 entries') }],
    },
  });
  const stored = await partner.client.case(first.id);
  expect(Object.keys(stored.metadata)).toHaveLength(50);
  // The refused submission stored neither an upload nor an entry.
  expect(stored.uploads).toHaveLength(2);
});

test('TG-6 a correlation id from a field or a header is in the case, its events and their deliveries', async () => {
  const casewire = await partner.listen({ eventTypes: ['case.submitted'] });
  const form = formOf({ files: [await document('invoice')], features: ['extraction'] });
  const response = await fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': partner.key, 'x-correlation-id': 'trace-header' },
    body: form,
  });
  expect(await response.json()).toMatchObject({ correlationId: 'trace-header' });
  const byField = await partner.client.submit({
    files: [await document('invoice')],
    features: ['extraction'],
    correlationId: 'trace-field',
  });
  expect(byField.correlationId).toBe('trace-field');
  await casewire.receiver.until((requests) => requests.length >= 2);
  const seen = casewire.receiver.requests.map(({ headers }) => headers['x-correlation-id']);
  expect(seen.toSorted()).toEqual(['trace-field', 'trace-header']);
});

test('with classify=false alone, the features that need no classification are run, and the response names them', async () => {
  const view = await partner.client.submit({ files: [await document('invoice')], classify: false });
  expect(view.uploads[0]).toMatchObject({
    classify: false,
    features: ['extraction', 'translation'],
  });
});

test('features may be written as names separated by commas', async () => {
  const form = formOf({ files: [await document('invoice')] });
  form.set('features', 'extraction,translation');
  const response = await fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': partner.key },
    body: form,
  });
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({
    uploads: [{ features: ['extraction', 'translation'] }],
  });
});

test('a submission with a known external id adds files and metadata to its case, until that is canceled', async () => {
  const externalId = randomUUID();
  const submit = async (more: Partial<Submission>) =>
    partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
      externalId,
      ...more,
    });
  const first = await submit({ metadata: { a: 1, b: 'x' }, reference: 'one' });
  const second = await submit({ metadata: { b: true }, targetLanguage: 'es', features: [[]] });
  expect(second).toMatchObject({
    id: first.id,
    metadata: { a: 1, b: true },
    reference: 'one',
    uploads: [
      { features: ['extraction'], targetLanguage: 'en' },
      { features: [], targetLanguage: 'es' },
    ],
  });
  await partner.client.api.call(`/partner/v1/cases/${first.id}/cancel`, { method: 'POST' });
  await expect(submit({})).rejects.toMatchObject({
    status: 409,
    problem: { code: 'CASE_CANCELED', errors: [{ field: 'externalId' }] },
  });
  expect((await partner.client.case(first.id)).uploads).toHaveLength(2);
});

test('part of TE-L3: an external id adds to its case until that is deleted; forensics needs classification; features must be provisioned', async () => {
  const externalId = randomUUID();
  const poor = await platform.partner({ features: ['extraction', 'forensics'] });
  const submission = async (more: Partial<Submission> = {}): Promise<Submission> => ({
    files: [await document('invoice')],
    features: ['extraction'],
    externalId,
    ...more,
  });
  const first = await poor.client.submit(await submission());
  expect(await poor.client.submit(await submission())).toMatchObject({
    id: first.id,
    uploads: { length: 2 },
  });
  const refuse = async (more: Partial<Submission>, status: number, code: string) => {
    const body = formOf(await submission(more));
    return expectRefused({ platform, partner: poor }, { body }, status, code);
  };
  const unclassified = { features: ['forensics' as const], classify: false };
  await refuse(unclassified, 422, 'FORENSICS_NEEDS_CLASSIFICATION');
  const unprovisioned = await refuse(
    { features: [['extraction', 'translation']] },
    403,
    'FEATURE_NOT_PROVISIONED',
  );
  expect(unprovisioned.errors).toEqual([
    { field: 'features.0.1', rule: 'translation is not provisioned' },
  ]);
  await poor.client.deleteCase(first.id);
  await refuse({}, 409, 'CASE_DELETED');
});

describe('an Idempotency-Key', () => {
  test('gives the same submission the same response, and refuses another submission', async () => {
    const file = await document('invoice');
    const submission = { files: [file], features: ['extraction' as const] };
    const key = randomUUID();
    const first = await partner.client.submit(submission, key);
    expect(await partner.client.submit(submission, key)).toEqual(first);
    const headers = { 'idempotency-key': key };
    for (const change of [
      { features: ['translation' as const] },
      { files: [await document('invoice')] },
    ])
      await expectRefused(
        own(),
        { body: formOf({ ...submission, ...change }), headers },
        422,
        'IDEMPOTENCY_KEY_REUSED',
      );
    await expectRefused(
      own(),
      { body: formOf(submission), headers: { 'idempotency-key': 'two words' } },
      400,
      'IDEMPOTENCY_KEY_INVALID',
    );
  });

  test('of fifty concurrent requests leads to one case, and all fifty get the same response', async () => {
    const other = await platform.partner();
    const file = await document('invoice');
    const key = randomUUID();
    const views = await Promise.all(
      Array.from({ length: 50 }, () =>
        other.client.submit({ files: [file], features: ['extraction'] }, key),
      ),
    );
    expect(new Set(views.map(({ id }) => id)).size).toBe(1);
    expect((await other.client.cases()).items).toHaveLength(1);
    const uploads = join(platform.folder, 'blobs', 'blobs', 'uploads', other.organizationId);
    // The blobs of the other forty-nine are removed.
    await expect
      .poll(() => readdirSync(uploads), { timeout: 10_000 })
      .toEqual([views[0]!.uploads[0]!.id]);
  }, 90_000);

  test('part of TE-L3: ten concurrent uploads with one externalId become one case; after its deletion the externalId is refused', async () => {
    const other = await platform.partner();
    const files = await Promise.all(Array.from({ length: 10 }, () => document('invoice')));
    const views = await Promise.all(
      files.map((file) =>
        other.client.submit({ files: [file], features: ['extraction'], externalId: 'same' }),
      ),
    );
    expect(new Set(views.map(({ id }) => id)).size).toBe(1);
    expect((await other.client.case(views[0]!.id)).uploads).toHaveLength(10);
    await other.client.deleteCase(views[0]!.id);
    await expect(
      other.client.submit({ files: [files[0]!], features: ['extraction'], externalId: 'same' }),
    ).rejects.toMatchObject({
      status: 409,
      problem: { code: 'CASE_DELETED' },
    });
  });
});
