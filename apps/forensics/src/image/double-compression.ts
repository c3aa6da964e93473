import type { GreyImage } from './grey-image.ts';

const cosines = Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u ? 0.5 : Math.SQRT1_2 / 2) * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});
/** Low frequencies, where enough coefficients are not zero. Row by row. */
const frequencies = [1, 8, 9, 2, 16];
/** Coefficients beyond this many quantisation steps are ignored. */
const range = 64;
/** A histogram with fewer coefficients has no shape. */
const minimumMass = 400;

/**
 * How much more periodic the histograms of DCT coefficients are than the picture alone explains: a JPEG that was made from
 * another JPEG lacks values that the first quantisation removed (J. Fridrich, J. Lukáš, 2003). The share of the picture is
 * measured on a grid of blocks that is moved by half a block.
 * @param quantization the file's own luminance table, row by row
 * @returns about 0 where the file was compressed once, up to 1, or null where the picture has too little detail
 */
export function doubleCompression(
  image: GreyImage,
  quantization: readonly number[],
): number | null {
  const own = histogramsOf(image, quantization, 0);
  const moved = histogramsOf(image, quantization, 4);
  const excesses = own.flatMap((histogram, i) => {
    const [measured, usual] = [periodicity(histogram), periodicity(moved[i]!)];
    return measured === null || usual === null ? [] : [measured - usual];
  });
  return excesses.length > 0
    ? excesses.reduce((sum, value) => sum + value, 0) / excesses.length
    : null;
}

function histogramsOf(
  image: GreyImage,
  quantization: readonly number[],
  shift: number,
): Float64Array[] {
  const histograms = frequencies.map(() => new Float64Array(range * 2 + 1));
  for (let top = shift; top + 8 <= image.height; top += 8) {
    for (let left = shift; left + 8 <= image.width; left += 8) {
      frequencies.forEach((frequency, i) => {
        const value = coefficient(image, left, top, frequency);
        const level = Math.round(value / quantization[frequency]!);
        if (Math.abs(level) <= range) histograms[i]![level + range]!++;
      });
    }
  }
  return histograms;
}

function coefficient(
  { pixels, width }: GreyImage,
  left: number,
  top: number,
  frequency: number,
): number {
  const [v, u] = [frequency >> 3, frequency & 7];
  let sum = 0;
  for (let y = 0; y < 8; y++) {
    const row = (top + y) * width + left;
    let part = 0;
    for (let x = 0; x < 8; x++) part += cosines[u * 8 + x]! * pixels[row + x]!;
    sum += cosines[v * 8 + y]! * part;
  }
  return sum;
}

/** The share of the strongest period in the histogram's mass away from zero. */
function periodicity(histogram: Float64Array): number | null {
  // Every picture has a peak around zero.
  histogram.fill(0, range - 1, range + 2);
  const mass = histogram.reduce((sum, count) => sum + count, 0);
  if (mass < minimumMass) return null;
  const length = histogram.length;
  let strongest = 0;
  // Periods of more than ten levels are the shape of any histogram.
  for (let wave = Math.ceil(length / 10); wave <= length / 2; wave++) {
    let [real, imaginary] = [0, 0];
    for (let i = 0; i < length; i++) {
      const angle = (2 * Math.PI * wave * i) / length;
      real += histogram[i]! * Math.cos(angle);
      imaginary += histogram[i]! * Math.sin(angle);
    }
    strongest = Math.max(strongest, Math.hypot(real, imaginary) / mass);
  }
  return strongest;
}
