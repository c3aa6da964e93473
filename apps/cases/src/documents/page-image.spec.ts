import { Readable } from 'node:stream';

import { DocumentError, SandboxBusy, type Sandbox } from '@casewire/sandbox';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { pageImage } from './page-image.ts';

type Run = Sandbox['run'];

const source = {
  mediaType: 'application/pdf' as const,
  organizationId: 'a0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10',
  open: () => Promise.resolve(Readable.from([Buffer.from('pdf')])),
};
const imageBy = (run: Run) => pageImage(source, 2, { run });
const failing = (error: Error) =>
  imageBy(async () => {
    throw error;
  });

test('a page is a PNG with the pixels of its raster', async () => {
  const pixels = Buffer.from([255, 0, 0, 0, 0, 255]);
  const png = await imageBy(async ({ args, organizationId, alwaysWaits }) => {
    expect(args).toMatchObject({ page: 2, channels: 3, mediaType: 'application/pdf' });
    // Where the queue is full the request is refused.
    expect([organizationId, alwaysWaits]).toEqual([source.organizationId, undefined]);
    const value = { width: 2, height: 1, channels: 3, dpi: 150 };
    return { value, blobs: [pixels], blobSizes: [pixels.length] };
  });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect((await sharp(png).metadata()).format).toBe('png');
  expect(info).toMatchObject({ width: 2, height: 1, channels: 3 });
  expect([...data]).toEqual([...pixels]);
});

test('a page that cannot be rendered is a 422 with the code of the document', async () => {
  await expect(
    failing(new DocumentError('DOCUMENT_UNREADABLE', 'page 2 cannot be opened')),
  ).rejects.toMatchObject({ status: 422, code: 'DOCUMENT_UNREADABLE' });
});

test('a page that cannot be rendered now is a 503 with the time to wait', async () => {
  await expect(failing(new SandboxBusy())).rejects.toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
  });
});

test('another error stays as it is', async () => {
  const lost = new Error('lost');
  await expect(failing(lost)).rejects.toBe(lost);
});
