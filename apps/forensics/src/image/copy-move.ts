import { type Area, enclosing, type GreyImage } from './grey-image.ts';

/** Two places of a picture that show the same, noise and all. */
export interface Copy {
  places: [Area, Area];
  /** Blocks that are the same at this distance. */
  votes: number;
}

const block = 16;
const cells = 4;
const cell = block / cells;
/** Brightness is told apart in steps of this many levels when blocks are looked up. */
const quantum = 6;
/** More pixels than a picture may have: a look and a place share one number. */
const positions = 2 ** 24;
/** Blocks with less contrast than this all look alike. */
const leastRange = 6;
/** Only this many blocks that look alike are compared: more of them are a pattern, not a copy. */
const mostAlike = 8;
const fewestVotes = 150;

/**
 * Finds areas that were copied within the picture: blocks that look alike are compared pixel by pixel, and those that are
 * the same vote for the distance between them. Letters that merely look the same differ by the noise of the scan, so this
 * tells nothing where there is none.
 * @param noise standard deviation of the picture's noise, in levels
 */
export function findCopy(image: GreyImage, noise: number): Copy | null {
  const looks = blockLooks(image);
  // Independent noise differs by 1.13 deviations in the mean; a copy that was saved as JPEG by much less.
  const tolerance = 0.7 * 1.13 * noise;
  const votes = new Map<number, number[]>();
  for (let start = 0, end = 0; start < looks.length; start = end) {
    const look = Math.floor(looks[start]! / positions);
    while (end < looks.length && Math.floor(looks[end]! / positions) === look) end++;
    if (end - start > mostAlike) continue;
    for (let i = start; i < end; i++) {
      for (let j = i + 1; j < end; j++) {
        const [from, to] = [looks[i]! % positions, looks[j]! % positions];
        const distance = distanceBetween(image.width, from, to);
        if (distance === null || difference(image, from, to) > tolerance) continue;
        const pairs = votes.get(distance);
        if (pairs) pairs.push(from);
        else votes.set(distance, [from]);
      }
    }
  }
  const [top, second] = [...votes.entries()].toSorted(([, a], [, b]) => b.length - a.length);
  if (!top || top[1].length < fewestVotes) return null;
  // Many distances with as many votes are what regular patterns give.
  if (second && second[1].length * 3 > top[1].length && !neighbours(top[0], second[0])) return null;
  return placesOf(image.width, top[0], top[1]);
}

/** How every block with contrast looks, and where it is, sorted: look * positions + place. */
function blockLooks({ pixels, width, height }: GreyImage): Float64Array {
  if (width * height > positions)
    throw new Error(`${width} x ${height} is more than can be compared`);
  const sums = integral(pixels, width, height);
  const stride = width + 1;
  const looks = new Float64Array(width * height);
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
      if (high - low < leastRange) continue;
      looks[count++] = ((hash ^ (hash >>> 15)) & 0xfffffff) * positions + y * width + x;
    }
  }
  return looks.slice(0, count).toSorted();
}

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

const offset = 1 << 15;

/** Both parts of the distance in one number, or null where the blocks are too near to be told from themselves. */
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
  const areas = from.map((place) => {
    const [left, top] = [place % width, Math.floor(place / width)];
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
