import { type Area, enclosing, type GreyImage } from './grey-image.ts';

/** Two places of a picture that are equal, including their noise. */
export interface Copy {
  places: [Area, Area];
  /** Pairs of equal blocks at this distance. */
  votes: number;
}

/** Width and height of a block in pixels. */
const block = 16;
const cells = 4;
const cell = block / cells;
/** The signature of a block is made of brightness in steps of this many levels. */
const quantum = 6;
/** More than the pixels of any picture: a signature and a position share one number. */
const positions = 2 ** 24;
/** Blocks with less contrast all have the same signature. */
const minimumContrast = 6;
/** More blocks with the same signature are a pattern, not a copy: they are not compared. */
const maximumAlike = 8;
/** A distance with fewer votes is no copy. */
const minimumVotes = 150;

/**
 * Finds areas that were copied within the picture: blocks with the same signature are compared pixel by pixel, and equal
 * blocks vote for the distance between them. Equal letters differ by the noise of the scan, so a picture without noise
 * gives no meaningful result.
 * @param noise standard deviation of the picture's noise, in levels
 */
export function findCopy(image: GreyImage, noise: number): Copy | null {
  const signatures = blockSignatures(image);
  // The mean difference of independent noise is 1.13 deviations; that of a copy saved as JPEG is much smaller.
  const tolerance = 0.7 * 1.13 * noise;
  const votes = new Map<number, number[]>();
  for (let start = 0, end = 0; start < signatures.length; start = end) {
    const signature = Math.floor(signatures[start]! / positions);
    while (end < signatures.length && Math.floor(signatures[end]! / positions) === signature) end++;
    if (end - start > maximumAlike) continue;
    for (let i = start; i < end; i++) {
      for (let j = i + 1; j < end; j++) {
        const [from, to] = [signatures[i]! % positions, signatures[j]! % positions];
        const distance = distanceBetween(image.width, from, to);
        if (distance === null || difference(image, from, to) > tolerance) continue;
        const pairs = votes.get(distance);
        if (pairs) pairs.push(from);
        else votes.set(distance, [from]);
      }
    }
  }
  const [top, second] = [...votes.entries()].toSorted(([, a], [, b]) => b.length - a.length);
  if (!top || top[1].length < minimumVotes) return null;
  // Regular patterns give many distances with about as many votes.
  if (second && second[1].length * 3 > top[1].length && !neighbours(top[0], second[0])) return null;
  return placesOf(image.width, top[0], top[1]);
}

/** Signature and position of every block with contrast, sorted: signature * positions + position. */
function blockSignatures({ pixels, width, height }: GreyImage): Float64Array {
  if (width * height > positions)
    throw new Error(`${width} x ${height} are more pixels than can be compared`);
  const sums = integral(pixels, width, height);
  const stride = width + 1;
  const signatures = new Float64Array(width * height);
  let count = 0;
  for (let y = 0; y + block <= height; y++) {
    for (let x = 0; x + block <= width; x++) {
      let [low, high, hash] = [255, 0, 17];
      for (let row = 0; row < cells; row++) {
        const top = (y + row * cell) * stride + x;
        const bottom = top + cell * stride;
        for (let left = 0; left < block; left += cell) {
          const right = left + cell;
          const sum =
            sums[bottom + right]! - sums[top + right]! - sums[bottom + left]! + sums[top + left]!;
          const level = Math.round(sum / (cell * cell * quantum));
          if (level < low) low = level;
          if (level > high) high = level;
          hash = Math.imul(hash ^ level, 0x01000193);
        }
      }
      if (high - low < minimumContrast) continue;
      signatures[count++] = ((hash ^ (hash >>> 15)) & 0xfffffff) * positions + y * width + x;
    }
  }
  return signatures.slice(0, count).toSorted();
}

/** Summed-area table. */
function integral(pixels: Uint8Array, width: number, height: number): Float64Array {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += pixels[y * width + x]!;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
    }
  }
  return sums;
}

/** Makes both parts of a distance positive. */
const offset = 1 << 15;

/** Both parts of the distance in one number; null below two blocks: blocks that near are often equal. */
function distanceBetween(width: number, from: number, to: number): number | null {
  const dx = (to % width) - (from % width);
  const dy = Math.floor(to / width) - Math.floor(from / width);
  if (dx * dx + dy * dy < block * block * 4) return null;
  return (dy + offset) * 2 * offset + dx + offset;
}

const parts = (distance: number): [number, number] => [
  (distance % (2 * offset)) - offset,
  Math.floor(distance / (2 * offset)) - offset,
];

function neighbours(a: number, b: number): boolean {
  const [ax, ay] = parts(a);
  const [bx, by] = parts(b);
  return Math.abs(ax - bx) <= 4 && Math.abs(ay - by) <= 4;
}

function difference({ pixels, width }: GreyImage, a: number, b: number): number {
  let sum = 0;
  for (let y = 0; y < block; y += 2) {
    for (let x = 0; x < block; x += 2)
      sum += Math.abs(pixels[a + y * width + x]! - pixels[b + y * width + x]!);
  }
  return (sum / (block * block)) * 4;
}

function placesOf(width: number, distance: number, from: number[]): Copy {
  const [dx, dy] = parts(distance);
  const areas = from.map((position) => {
    const [left, top] = [position % width, Math.floor(position / width)];
    return { left, top, right: left + block, bottom: top + block };
  });
  const source = enclosing(areas);
  const target = {
    left: source.left + dx,
    top: source.top + dy,
    right: source.right + dx,
    bottom: source.bottom + dy,
  };
  return { places: [source, target], votes: from.length };
}
