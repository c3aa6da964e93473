import { seeded } from '@casewire/samples';
import { expect, test } from 'vitest';

import { noiseBlock, noiseMap, smoothAreas } from './noise.ts';

const limits = { smooth: 0.3, blocks: 6 };

/** A grey page with Gaussian noise, except in the given part. */
function page(sigma: number, quiet?: { left: number; top: number; right: number; bottom: number }) {
  const [width, height] = [480, 320];
  const random = seeded(7);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const gaussian = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      const inside =
        quiet && x >= quiet.left && x < quiet.right && y >= quiet.top && y < quiet.bottom;
      pixels[y * width + x] = 180 + (inside ? 0 : gaussian * sigma);
    }
  }
  return { pixels, width, height };
}

test.each([2, 5, 10])('noise of %i levels is measured', (sigma) => {
  const { typical } = noiseMap(page(sigma));
  expect(typical).toBeGreaterThan(sigma * 0.85);
  expect(typical).toBeLessThan(sigma * 1.15);
});

test('an area without the page’s noise is found at its place', () => {
  const quiet = { left: 160, top: 96, right: 256, bottom: 144 };
  const [found, ...others] = smoothAreas(noiseMap(page(5, quiet)), limits);
  expect(others).toEqual([]);
  expect(found!.area).toEqual(quiet);
  expect(found!.blocks).toBe((96 / noiseBlock) * (48 / noiseBlock));
  expect(found!.ratio).toBeLessThan(0.1);
});

test('even noise has no such area', () => {
  expect(smoothAreas(noiseMap(page(5)), limits)).toEqual([]);
});

test('a smooth area at the edge is ignored: a scanner filled it', () => {
  const edge = { left: 0, top: 0, right: 96, bottom: 64 };
  expect(smoothAreas(noiseMap(page(5, edge)), limits)).toEqual([]);
});

test('an area of few blocks is ignored', () => {
  const small = { left: 160, top: 96, right: 192, bottom: 128 };
  expect(smoothAreas(noiseMap(page(5, small)), limits)).toEqual([]);
});
