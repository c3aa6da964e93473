import { type PDFiumLibrary, PDFiumLibrary as Library } from '@hyzyla/pdfium';
import sharp from 'sharp';

import type { Random } from './random.ts';
import type { Degradation } from './sample.ts';

/** RGB pixels, row by row. */
export interface Raster {
  data: Buffer;
  width: number;
  height: number;
  dpi: number;
}

let library: Promise<PDFiumLibrary> | undefined;

/** The first page of a PDF at the given resolution. */
export async function rasterize(pdf: Buffer, dpi: number): Promise<Raster> {
  library ??= Library.init();
  const document = await (await library).loadDocument(pdf);
  try {
    const { data, width, height } = await document
      .getPage(0)
      .render({ scale: dpi / 72, render: 'bitmap' });
    const rgb = await sharp(Buffer.from(data), { raw: { width, height, channels: 4 } })
      .removeAlpha()
      .raw()
      .toBuffer();
    return { data: rgb, width, height, dpi };
  } finally {
    document.destroy();
  }
}

/** The page as a scanner delivers it: slightly blurred, on grey paper, with noise, and with the given degradation. */
export async function scan(raster: Raster, random: Random, degrade: Degradation): Promise<Raster> {
  const scale = (degrade.dpi ?? raster.dpi) / raster.dpi;
  let image = sharp(raster.data, { raw: { ...size(raster), channels: 3 } }).linear(0.93, 6);
  if (degrade.skewDegrees) {
    image = image.rotate(degrade.skewDegrees, { background: { r: 236, g: 236, b: 232 } });
    // A sharp pipeline resizes before it rotates: the rotation needs a pipeline of its own.
    const turned = await image.raw().toBuffer({ resolveWithObject: true });
    image = sharp(turned.data, { raw: { ...size(turned.info), channels: 3 } });
    raster = { ...raster, ...size(turned.info) };
  }
  if (scale !== 1) image = image.resize({ width: Math.round(raster.width * scale) });
  const { data, info } = await image
    .blur(degrade.blur ?? 0.5)
    .raw()
    .toBuffer({ resolveWithObject: true });
  addNoise(data, random, degrade.noise ?? 3);
  return { data, ...size(info), dpi: raster.dpi * scale };
}

const size = ({ width, height }: { width: number; height: number }) => ({ width, height });

/** Gaussian noise, the same on all three channels of a pixel. */
function addNoise(rgb: Buffer, random: Random, sigma: number): void {
  // From a table: four million calls of a good generator would take most of the time.
  const table = Float32Array.from({ length: 1 << 16 }, () => {
    const sum = random() + random() + random() + random() + random() + random();
    return ((sum - 3) / Math.SQRT1_2) * sigma;
  });
  let state = Math.floor(random() * 0xffffffff) | 1;
  for (let i = 0; i < rgb.length; i += 3) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const noise = table[state & 0xffff]!;
    for (let c = i; c < i + 3; c++) rgb[c] = Math.max(0, Math.min(255, rgb[c]! + noise));
  }
}

const encoder = ({ data, width, height, dpi }: Raster) =>
  sharp(data, { raw: { width, height, channels: 3 } }).withMetadata({ density: dpi });

export const toJpeg = (raster: Raster, quality = 88): Promise<Buffer> =>
  encoder(raster).jpeg({ quality }).toBuffer();

export const toPng = (raster: Raster): Promise<Buffer> =>
  encoder(raster).png({ compressionLevel: 3 }).toBuffer();

/** Decodes an image. */
export async function decode(bytes: Buffer, dpi: number): Promise<Raster> {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, ...size(info), dpi };
}
