import 'reflect-metadata';
import type { PartnerClient } from '@casewire/client';
import type { CaseView } from '@casewire/contracts';
import { zipOf } from '@casewire/samples';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { document, eventOf, TestPlatform, untilCompleted } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: ['classification', 'extraction', 'forensics'] });
});
afterAll(() => platform.stop());

const features = ['extraction' as const];
const named = async (name: string) => ({ name, bytes: (await document('invoice')).bytes });

/** The code of each stage's failure, null where the stage completed. */
const failuresOf = ({ uploads }: CaseView) =>
  Object.fromEntries(
    uploads.flatMap(({ stages }) =>
      stages.map(({ stage, failure }) => [stage, failure?.code ?? null]),
    ),
  );

const untilStatus = (client: PartnerClient, { id }: CaseView, status: CaseView['status']) =>
  expect.poll(async () => (await client.case(id)).status, { timeout: 30_000 }).toBe(status);

test('in the sandbox, the names of files decide which stages fail, also in an archive', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen();
  const { bytes } = await document('invoice');
  const view = await partner.client.submit({
    files: [
      {
        name: 'documents.zip',
        bytes: zipOf([{ name: 'forensics-fails.x/a.extraction-fails.pdf', content: bytes }]),
      },
    ],
    features: ['extraction', 'forensics'],
  });
  await untilCompleted(listener, view);
  // The name of a folder has no meaning.
  expect(failuresOf(await partner.client.case(view.id))).toEqual({
    classification: null,
    extraction: 'SIMULATED_FAILURE',
    forensics: null,
  });
  const failed = listener.receiver.requests
    .map(eventOf)
    .find(({ eventName }) => eventName === 'case.extraction.failed');
  expect(failed?.payload.caseId).toBe(view.id);
});

test('in the sandbox, a name opens a review', async () => {
  const partner = await platform.partner();
  const view = await partner.client.submit({
    files: [await named('passport.extraction-fails.review-unprocessable.pdf')],
    features,
  });
  await untilStatus(partner.client, view, 'in_review');
  expect((await partner.client.case(view.id)).openReviewId).not.toBeNull();
});

test('in the sandbox, a name decides the verdict, and slows a stage', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen();
  const view = await partner.client.submit({
    files: [await named('a.verdict-rejected.slow-1.pdf')],
    features: ['extraction', 'forensics'],
  });
  await untilCompleted(listener, view);
  const { uploads } = await partner.client.case(view.id);
  expect(uploads[0]).toMatchObject({ assessment: { verdict: 'rejected' } });
  for (const { finishedAt } of uploads[0]!.stages)
    expect(Date.parse(finishedAt!) - Date.parse(view.submittedAt)).toBeGreaterThan(990);
});

test('in production, a name has no meaning', async () => {
  const partner = await platform.partner({ environment: 'production' });
  const listener = await partner.listen();
  const name = 'a.classification-fails.extraction-fails.slow-86400.review-verdict.pdf';
  const view = await partner.client.submit({ files: [await named(name)], features });
  await untilCompleted(listener, view);
  const completed = await partner.client.case(view.id);
  expect(completed).toMatchObject({ status: 'completed', openReviewId: null });
  expect(failuresOf(completed)).toEqual({ classification: null, extraction: null });
});
