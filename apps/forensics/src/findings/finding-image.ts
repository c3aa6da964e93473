import type { Box } from '@casewire/contracts';
import type { PageRaster } from '@casewire/reading';
import sharp from 'sharp';

const red = [214, 40, 40] as const;
/** Width of the PNG in pixels, at most. */
const maximumWidth = 900;
/** Page around the marks, as a fraction of its width and height. */
const margin = 0.06;
/** Of the outline, in pixels. */
const thickness = 3;

/** A PNG of the part of the page around the marks, with the marks outlined. */
export async function findingImage(page: PageRaster, marks: readonly Box[]): Promise<Buffer> {
  const { width, height } = page;
  const pixels = new Uint8Array(page.pixels);
  for (const mark of marks) outline(pixels, width, height, mark);
  const left = clamp(Math.min(...marks.map((mark) => mark[0])) - margin);
  const top = clamp(Math.min(...marks.map((mark) => mark[1])) - margin);
  const right = clamp(Math.max(...marks.map((mark) => mark[2])) + margin);
  const bottom = clamp(Math.max(...marks.map((mark) => mark[3])) + margin);
  const area = {
    left: Math.floor(left * width),
    top: Math.floor(top * height),
    width: Math.max(1, Math.floor((right - left) * width)),
    height: Math.max(1, Math.floor((bottom - top) * height)),
  };
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .extract(area)
    .resize({ width: Math.min(maximumWidth, area.width) })
    .png()
    .toBuffer();
}

const clamp = (value: number) => Math.max(0, Math.min(1, value));

function outline(pixels: Uint8Array, width: number, height: number, mark: Box): void {
  const [left, right] = [mark[0], mark[2]].map((x) => Math.round(clamp(x) * (width - 1))) as [
    number,
    number,
  ];
  const [top, bottom] = [mark[1], mark[3]].map((y) => Math.round(clamp(y) * (height - 1))) as [
    number,
    number,
  ];
  const paint = (x: number, y: number) => {
    if (x >= 0 && y >= 0 && x < width && y < height) pixels.set(red, (y * width + x) * 3);
  };
  for (let line = 0; line < thickness; line++) {
    for (let x = left - line; x <= right + line; x++) {
      paint(x, top - line);
      paint(x, bottom + line);
    }
    for (let y = top - line; y <= bottom + line; y++) {
      paint(left - line, y);
      paint(right + line, y);
    }
  }
}
