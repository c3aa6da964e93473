import { generate } from '@casewire/samples';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { doubleCompression } from './double-compression.ts';
import { imageLimits } from './image-limits.ts';
import { jpegStructure } from './jpeg-structure.ts';

const picture = (quality: number) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: '#c0ffee' } })
    .jpeg({ quality })
    .toBuffer();

test.each([40, 75, 92])('quality %i is found by the table', async (quality) => {
  const structure = jpegStructure(await picture(quality))!;
  expect(structure).toMatchObject({ quality, standardTable: true, trailing: 0 });
  expect(structure.quantization).toHaveLength(64);
});

test('bytes after the end are counted, padding is not', async () => {
  const jpeg = await picture(80);
  expect(jpegStructure(Buffer.concat([jpeg, Buffer.from('appended')]))!.trailing).toBe(8);
  expect(jpegStructure(Buffer.concat([jpeg, Buffer.alloc(40)]))!.trailing).toBe(0);
});

test('bytes that are no JPEG have no structure', () => {
  expect(jpegStructure(Buffer.from('%PDF-1.7'))).toBeNull();
  expect(jpegStructure(Buffer.alloc(0))).toBeNull();
});

test('a truncated JPEG gives its remaining structure', async () => {
  const jpeg = await picture(80);
  expect(jpegStructure(jpeg.subarray(0, 6))!.quantization).toBeNull();
});

test('a JPEG that was made from a JPEG is distinguished from one that was saved once', async () => {
  const { bytes } = await generate('payslip', { seed: 71 });
  const score = async (...qualities: number[]) => {
    let jpeg = bytes;
    for (const quality of qualities) jpeg = await sharp(jpeg).jpeg({ quality }).toBuffer();
    const { data, info } = await sharp(jpeg)
      .grayscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const image = { pixels: new Uint8Array(data), width: info.width, height: info.height };
    return doubleCompression(image, jpegStructure(jpeg)!.quantization!)!;
  };
  const [once, twice] = await Promise.all([score(92), score(75, 92)]);
  expect(once).toBeLessThan(imageLimits.doubleCompression);
  expect(twice).toBeGreaterThan(imageLimits.doubleCompression);
});

test('an empty picture gives no score', () => {
  const blank = { pixels: new Uint8Array(64 * 64).fill(255), width: 64, height: 64 };
  expect(
    doubleCompression(
      blank,
      Array.from({ length: 64 }, () => 8),
    ),
  ).toBeNull();
});
