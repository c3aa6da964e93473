import 'reflect-metadata';
import { submissionLimits } from '@casewire/contracts';
import { generate } from '@casewire/samples';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { untilCompleted, TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ env: { OCR_WORKERS: '2' } });
});
afterAll(() => platform.stop());

/** A PDF of scanned pages that are all the same. */
async function scans(pages: number): Promise<Buffer> {
  const { bytes } = await generate('passport', { seed: 5 });
  const document = await PDFDocument.create();
  const small = await sharp(bytes).resize({ width: 1000 }).jpeg().toBuffer();
  const image = await document.embedJpg(small);
  for (let page = 0; page < pages; page++)
    document.addPage([500, 350]).drawImage(image, { x: 0, y: 0, width: 500, height: 350 });
  return Buffer.from(await document.save());
}

test('every stage reads a document with the largest allowed number of scanned pages', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['case.completed'] });
  const bytes = await scans(submissionLimits.pages);
  const view = await partner.client.submit({ files: [{ name: 'scans.pdf', bytes }] });
  expect(view.uploads[0]).toMatchObject({ pages: submissionLimits.pages });
  await listener.receiver.until((requests) => requests.length > 0, 540_000);
  await untilCompleted(listener, view);
  const [upload] = (await partner.client.case(view.id)).uploads;
  const stages = Object.fromEntries(
    upload!.stages.map(({ stage, status, failure }) => [stage, failure?.code ?? status]),
  );
  // Only the reading is tested: it ended in time, and no process ended because of it.
  expect(stages).toMatchObject({ classification: 'completed', forensics: 'completed' });
  expect(Object.values(stages).join(' ')).not.toMatch(/CRASHED|SLOW|DEADLINE|UNREAD|UNDERSTOOD/);
}, 600_000);
