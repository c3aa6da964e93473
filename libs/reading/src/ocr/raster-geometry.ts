import sharp from 'sharp';

import type { GreyRaster, RecognizedWord } from './recognition.ts';

type Pixels = RecognizedWord['pixels'];

/** A rotated raster, with the mapping from its pixels to those of the original raster. */
export interface TurnedRaster {
  raster: GreyRaster;
  back: (pixels: Pixels) => Pixels;
}

/** Rotates the raster clockwise by quarters. */
export function turned(raster: GreyRaster, degrees: 90 | 180 | 270): TurnedRaster {
  const { width, height, pixels } = raster;
  const swap = degrees !== 180;
  const [w, h] = swap ? [height, width] : [width, height];
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [sx, sy] = source(degrees, x, y, width, height);
      out[y * w + x] = pixels[sy * width + sx]!;
    }
  }
  const back = ([x0, y0, x1, y1]: Pixels): Pixels => {
    const [ax, ay] = source(degrees, x0, y0, width, height);
    const [bx, by] = source(degrees, x1, y1, width, height);
    return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  };
  return { raster: { pixels: out, width: w, height: h }, back };
}

/** The original position of a pixel of the rotated raster. */
function source(
  degrees: 90 | 180 | 270,
  x: number,
  y: number,
  width: number,
  height: number,
): [number, number] {
  if (degrees === 180) return [width - 1 - x, height - 1 - y];
  return degrees === 90 ? [y, height - 1 - x] : [width - 1 - y, x];
}

/** Rotates the raster so that lines that fall by `slope` become level. */
export async function levelled(raster: GreyRaster, slope: number): Promise<TurnedRaster> {
  const angle = -Math.atan(slope);
  const { data, info } = await sharp(raster.pixels, {
    raw: { width: raster.width, height: raster.height, channels: 1 },
  })
    .rotate((angle * 180) / Math.PI, { background: '#fff' })
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const point = (x: number, y: number): [number, number] => {
    const [dx, dy] = [x - info.width / 2, y - info.height / 2];
    return [dx * cos + dy * sin + raster.width / 2, dy * cos - dx * sin + raster.height / 2];
  };
  const back = ([x0, y0, x1, y1]: Pixels): Pixels => {
    // The box around a rotated box would include its neighbours: only the middle is mapped, the size stays.
    const [cx, cy] = point((x0 + x1) / 2, (y0 + y1) / 2);
    const [w, h] = [(x1 - x0) / 2, (y1 - y0) / 2];
    return [cx - w, cy - h, cx + w, cy + h];
  };
  return { raster: { pixels: data, width: info.width, height: info.height }, back };
}

/** The rows of the raster from `top` to `bottom`. */
export function rows(raster: GreyRaster, top: number, bottom: number): GreyRaster {
  const from = Math.max(0, Math.round(top));
  const to = Math.min(raster.height, Math.round(bottom));
  const pixels = raster.pixels.subarray(from * raster.width, to * raster.width);
  return { pixels, width: raster.width, height: to - from };
}

/** The raster with its width and height multiplied by `scale`. */
export async function scaled(raster: GreyRaster, scale: number): Promise<GreyRaster> {
  const { data, info } = await sharp(raster.pixels, {
    raw: { width: raster.width, height: raster.height, channels: 1 },
  })
    .resize({ width: Math.max(1, Math.round(raster.width * scale)) })
    .grayscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/** The quarter of the raster's height with the most ink. */
export function busiestQuarter(raster: GreyRaster): GreyRaster {
  const { pixels, width, height } = raster;
  const ink = new Float64Array(height);
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width; x += 2) {
      const i = y * width + x;
      if (Math.abs(pixels[i]! - pixels[i - 1]!) > 60) ink[y]! += 1;
    }
  }
  const span = Math.ceil(height / 4);
  let [sum, best, top] = [0, -1, 0];
  for (let y = 0; y < height; y++) {
    sum += ink[y]! - (y >= span ? ink[y - span]! : 0);
    if (y >= span - 1 && sum > best) [best, top] = [sum, y - span + 1];
  }
  return rows(raster, top, top + span);
}
