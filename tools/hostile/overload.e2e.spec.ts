import 'reflect-metadata';
import { formOf } from '@casewire/client';
import { Problem } from '@casewire/contracts';
import { sharedSandbox } from '@casewire/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { document, TestPlatform } from '../e2e/test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  // Uploads are accepted or refused before any stage runs.
  platform = await TestPlatform.start({ stages: [] });
});
afterAll(() => platform.stop());

async function submitted(key: string) {
  const response = await fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: formOf({ files: [await document('invoice')], features: [] }),
  });
  return { response, body: await response.json() };
}

test('fifty uploads at once of several organizations are all accepted', async () => {
  const partners = await Promise.all([1, 2, 3].map(() => platform.partner()));
  const uploads = Array.from({ length: 50 }, (_, i) => submitted(partners[i % 3]!.key));
  const statuses = (await Promise.all(uploads)).map(({ response }) => response.status);
  expect(statuses).toEqual(statuses.map(() => 202));
}, 120_000);

test('an upload to a full queue is refused with Retry-After, and accepted later', async () => {
  const { key, client } = await platform.partner();
  const { queue } = sharedSandbox();
  const others = new AbortController();
  const places: (() => void)[] = [];
  // As many requests as the queue admits and lets wait, each of a different organization.
  const waiting = Array.from({ length: 120 }, (_, i) =>
    queue
      .acquire({ organizationId: `other-${i}`, alwaysWaits: i < 20, signal: others.signal })
      .then((release) => places.push(release)),
  );
  const all = Promise.allSettled(waiting);
  const refused = await submitted(key);
  expect(refused.response.status).toBe(503);
  expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Problem.parse(refused.body)).toMatchObject({ code: 'UNAVAILABLE' });
  expect((await client.cases({ limit: 1 })).items).toEqual([]);
  others.abort(new Error('the other requests are aborted'));
  await all;
  for (const release of places) release();
  expect((await submitted(key)).response.status).toBe(202);
});
