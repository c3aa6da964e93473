import type { Job } from '@casewire/sandbox';
import exifr from 'exifr';

import { findCopy } from './copy-move.ts';
import { doubleCompression } from './double-compression.ts';
import type { ExaminedImage } from './examined-image.ts';
import { imageLimits } from './image-limits.ts';
import { jpegStructure } from './jpeg-structure.ts';
import { noiseMap, smoothAreas } from './noise.ts';

export interface ExamineImageArgs {
  /** Pixels that the picture may have, and that are looked at. */
  pixels: number;
  largest: number;
}

// A CommonJS module: what it names can be had from its default only.
// oxlint-disable-next-line import/no-named-as-default-member
const { parse: read } = exifr;

/** Looks at a picture's pixels and at the file around them. */
const examineImage: Job<ExamineImageArgs, ExaminedImage> = async ({ bytes, args, openImage }) => {
  const image = await openImage(args.pixels);
  const { width, height } = image.facts;
  const scale = Math.min(1, Math.sqrt(args.largest / (width * height)));
  const grey = await image.raster({ width: Math.max(1, Math.round(width * scale)), channels: 1 });
  const noise = noiseMap(grey);
  const telling = noise.typical >= imageLimits.leastNoise;
  const jpeg = jpegStructure(bytes);
  return {
    value: {
      width: grey.width,
      height: grey.height,
      noise: noise.typical,
      smooth: telling ? smoothAreas(noise, imageLimits) : [],
      copy: telling ? findCopy(grey, noise.typical) : null,
      jpeg: jpeg && {
        quality: jpeg.quality,
        standardTable: jpeg.standardTable,
        trailing: jpeg.trailing,
        // A picture that was made smaller or turned has lost its grid of blocks.
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
    // Metadata that cannot be read is no finding: many honest files have some.
    return null;
  }
}
