import { generate, type SampleKind } from '@casewire/samples';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { findCopy } from './copy-move.ts';
import { noiseMap } from './noise.ts';

async function grey(kind: SampleKind, seed: number) {
  const { bytes, truth } = await generate(kind, { seed, degrade: { noise: 5 } });
  const { data, info } = await sharp(bytes).grayscale().raw().toBuffer({ resolveWithObject: true });
  const image = { pixels: new Uint8Array(data), width: info.width, height: info.height };
  return { image, truth, noise: noiseMap(image).typical };
}

test.each([
  ['PNG', 61],
  ['JPEG', 62],
])('a part that was copied within a scan is found in a %s', async (_, seed) => {
  const { image, truth, noise } = await grey('passport_copy_move', seed);
  const copy = findCopy(image, noise)!;
  const [left, top] = truth.tampered!.box;
  const places = copy.places.map((place) => [place.left / image.width, place.top / image.height]);
  expect(places.some(([x, y]) => Math.abs(x! - left) < 0.03 && Math.abs(y! - top) < 0.03)).toBe(
    true,
  );
});

test.each([
  ['passport', 63],
  ['payslip', 65],
] as const)('a genuine %s, where letters repeat, has no copy', async (kind, seed) => {
  const { image, noise } = await grey(kind, seed);
  expect(findCopy(image, noise)).toBeNull();
});
