import type { Job } from '@casewire/sandbox';
import exifr from 'exifr';

import { findCopy } from './copy-move.ts';
import { doubleCompression } from './double-compression.ts';
import { imageLimits } from './image-limits.ts';
import type { ImageMeasurements } from './image-measurements.ts';
import { jpegStructure } from './jpeg-structure.ts';
import { noiseMap, smoothAreas } from './noise.ts';

export interface ExamineImageArgs {
  /** Pixels that the picture may have. */
  pixels: number;
  /** Pixels that are examined: a larger picture is reduced. */
  maximumPixels: number;
}

// A CommonJS module: its names are on its default export only.
// oxlint-disable-next-line import/no-named-as-default-member
const { parse: read } = exifr;

/** Measures the pixels and the file of a picture. */
const examineImage: Job<ExamineImageArgs, ImageMeasurements> = async ({
  bytes,
  args,
  openImage,
}) => {
  const image = await openImage(args.pixels);
  const { width, height } = image.facts;
  const scale = Math.min(1, Math.sqrt(args.maximumPixels / (width * height)));
  const grey = await image.raster({ width: Math.max(1, Math.round(width * scale)), channels: 1 });
  const noise = noiseMap(grey);
  const comparable = noise.typical >= imageLimits.minimumNoise;
  const jpeg = jpegStructure(bytes);
  return {
    value: {
      width: grey.width,
      height: grey.height,
      noise: noise.typical,
      smooth: comparable ? smoothAreas(noise, imageLimits) : [],
      copy: comparable ? findCopy(grey, noise.typical) : null,
      jpeg: jpeg && {
        quality: jpeg.quality,
        standardTable: jpeg.standardTable,
        trailing: jpeg.trailing,
        // A reduced picture has lost its grid of blocks.
        doubleCompression:
          jpeg.quantization && scale === 1 ? doubleCompression(grey, jpeg.quantization) : null,
      },
      software: await editingSoftware(bytes),
    },
  };
};
export default examineImage;

async function editingSoftware(bytes: Buffer): Promise<string | null> {
  const pick = ['Software', 'CreatorTool', 'ProcessingSoftware', 'HistorySoftwareAgent'];
  try {
    const found: unknown = await read(bytes, { pick, xmp: true, tiff: true });
    const texts = Object.values(found ?? {}).filter((value) => typeof value === 'string');
    return texts.length > 0 ? texts.join('; ').slice(0, 200) : null;
  } catch {
    // Unreadable metadata is no finding: many genuine files have some.
    return null;
  }
}
