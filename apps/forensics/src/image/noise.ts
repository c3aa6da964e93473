import { type Area, enclosing, type GreyImage } from './grey-image.ts';
import { regions } from './regions.ts';

/** Noise per block of 16 pixels. */
export interface NoiseMap {
  /** Estimated standard deviation of the noise in levels, block by block; NaN where too much of the block is black or white. */
  sigma: Float32Array;
  columns: number;
  rows: number;
  /** Median over the blocks: the noise of the page. */
  typical: number;
}

export interface NoiseOutlier {
  area: Area;
  /** Its noise divided by that of the page. */
  ratio: number;
  blocks: number;
}

export const noiseBlock = 16;
// Of the absolute second difference of Gaussian noise: its 35th percentile is 0.454 of its deviation, which is 6 times the noise's
// (J. Immerkær, Fast Noise Variance Estimation, 1996).
const percentile = 0.35;
const scale = 6 * 0.454;

/** Estimates the noise of every block, ignoring what is printed in it. */
export function noiseMap(image: GreyImage): NoiseMap {
  const columns = Math.floor(image.width / noiseBlock);
  const rows = Math.floor(image.height / noiseBlock);
  const sigma = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      sigma[row * columns + column] = blockNoise(image, column * noiseBlock, row * noiseBlock);
    }
  }
  const known = sigma.filter((value) => !Number.isNaN(value)).toSorted();
  return { sigma, columns, rows, typical: known[known.length >> 1] ?? 0 };
}

function blockNoise({ pixels, width }: GreyImage, left: number, top: number): number {
  const values = new Uint16Array((noiseBlock - 2) ** 2);
  let count = 0;
  let clipped = 0;
  for (let y = top + 1; y < top + noiseBlock - 1; y++) {
    for (let x = left + 1; x < left + noiseBlock - 1; x++) {
      const i = y * width + x;
      if (pixels[i]! < 2 || pixels[i]! > 253) clipped++;
      values[count++] = Math.abs(
        pixels[i - width - 1]! +
          pixels[i - width + 1]! +
          pixels[i + width - 1]! +
          pixels[i + width + 1]! -
          2 * (pixels[i - width]! + pixels[i + width]! + pixels[i - 1]! + pixels[i + 1]!) +
          4 * pixels[i]!,
      );
    }
  }
  // Black and white pixels are clipped: they show no noise.
  if (clipped > count / 4) return Number.NaN;
  return values.toSorted()[Math.floor(count * percentile)]! / scale;
}

export interface NoiseLimits {
  /** A block is too smooth below this ratio of its noise to the typical noise. */
  smooth: number;
  /** Minimum number of adjacent blocks in an area. */
  blocks: number;
}

/** Areas that are far smoother than their page: text or paint that was added to a scan lacks its noise. */
export function smoothAreas(map: NoiseMap, limits: NoiseLimits): NoiseOutlier[] {
  const marked = Array.from(map.sigma, (sigma) => sigma < map.typical * limits.smooth);
  return regions(marked, map.columns)
    .filter((region) => region.length >= limits.blocks && !touchesEdge(region, map))
    .map((region) => {
      const sum = region.reduce((all, cell) => all + map.sigma[cell]!, 0);
      const blocks = region.map((cell) => blockArea(cell, map.columns));
      return {
        area: enclosing(blocks),
        ratio: sum / region.length / map.typical,
        blocks: region.length,
      };
    });
}

/** Scanners fill the areas that they straighten or crop: such areas begin at the edge. */
const touchesEdge = (region: readonly number[], { columns, rows }: NoiseMap): boolean =>
  region.some((cell) => {
    const [x, y] = [cell % columns, Math.floor(cell / columns)];
    return x === 0 || y === 0 || x === columns - 1 || y === rows - 1;
  });

const blockArea = (cell: number, columns: number): Area => {
  const left = (cell % columns) * noiseBlock;
  const top = Math.floor(cell / columns) * noiseBlock;
  return { left, top, right: left + noiseBlock, bottom: top + noiseBlock };
};
