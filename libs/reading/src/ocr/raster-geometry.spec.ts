import { expect, test } from 'vitest';

import { busiestQuarter, levelled, rows, turned } from './raster-geometry.ts';

const blank = (width: number, height: number) => ({
  pixels: new Uint8Array(width * height).fill(255),
  width,
  height,
});

test.each([90, 180, 270] as const)(
  'a place in a raster rotated by %i degrees maps back to its original place',
  (degrees) => {
    const raster = blank(7, 5);
    raster.pixels[1 * 7 + 2] = 0;
    const { raster: out, back } = turned(raster, degrees);
    const at = out.pixels.indexOf(0);
    const [x, y] = [at % out.width, Math.floor(at / out.width)];
    expect(back([x, y, x, y])).toEqual([2, 1, 2, 1]);
  },
);

test('a place in a levelled raster maps back to its original place', async () => {
  const raster = blank(400, 300);
  for (let y = 60; y < 70; y++) raster.pixels.fill(0, y * 400 + 300, y * 400 + 310);
  const { raster: out, back } = await levelled(raster, 0.1);
  const dark = [...out.pixels.entries()].filter(([, value]) => value < 60).map(([i]) => i);
  const x = dark.reduce((sum, i) => sum + (i % out.width), 0) / dark.length;
  const y = dark.reduce((sum, i) => sum + Math.floor(i / out.width), 0) / dark.length;
  const [left, top] = back([x, y, x, y]);
  expect(Math.hypot(left - 304.5, top - 64.5)).toBeLessThan(2);
});

test('the quarter with the most ink is found', () => {
  const raster = blank(100, 80);
  for (let y = 50; y < 60; y++) for (let x = 0; x < 100; x += 3) raster.pixels[y * 100 + x] = 0;
  const quarter = busiestQuarter(raster);
  expect(quarter.height).toBe(20);
  expect(quarter.pixels.filter((value) => value === 0)).toHaveLength(340);
});

test('rows are cut at the raster’s edges', () => {
  expect(rows(blank(4, 10), -3, 2).height).toBe(2);
  expect(rows(blank(4, 10), 8, 30).height).toBe(2);
});
