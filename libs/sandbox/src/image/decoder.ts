import sharp, { type Sharp } from 'sharp';

import { JobError } from '../job-error.ts';
import type { PixelRaster } from './pixel-raster.ts';

// The process decodes one document: a cache and threads only use memory.
sharp.cache(false);
sharp.concurrency(1);

export interface ImageFacts {
  width: number;
  height: number;
  /** By the file, in dots per inch; null where it has none. */
  density: number | null;
}

/** An image in a sandboxed process. Its header is checked before it is decoded. */
export class Image {
  private readonly bytes: Buffer;
  readonly facts: ImageFacts;

  private constructor(bytes: Buffer, facts: ImageFacts) {
    this.bytes = bytes;
    this.facts = facts;
  }

  /**
   * Reads the header only: a small file that decodes to gigabytes is refused before it is decoded.
   * @param pixels how many pixels the image may have
   * @throws JobError DOCUMENT_UNREADABLE, DOCUMENT_TOO_LARGE_PIXELS
   */
  static async open(bytes: Buffer, pixels: number): Promise<Image> {
    const header = await sharp(bytes, { limitInputPixels: false })
      .metadata()
      .catch(() => {
        throw new JobError('DOCUMENT_UNREADABLE', 'the image is damaged');
      });
    const turned = (header.orientation ?? 1) >= 5;
    const [width, height] = turned ? [header.height, header.width] : [header.width, header.height];
    if (width * height > pixels) {
      const megapixels = Math.round(pixels / 1_000_000);
      throw new JobError(
        'DOCUMENT_TOO_LARGE_PIXELS',
        `the image has ${width} x ${height} pixels; ${megapixels} megapixels are allowed`,
      );
    }
    return new Image(bytes, { width, height, density: header.density ?? null });
  }

  /** Decodes all of it, to check that it is not damaged. @throws JobError DOCUMENT_UNREADABLE */
  async verify(): Promise<void> {
    await this.decoded((image) => image.resize({ width: 16, height: 16, fit: 'fill' }));
  }

  /** The image upright (EXIF orientation applied), on white. @throws JobError DOCUMENT_UNREADABLE */
  async raster(options: { width: number; channels: 1 | 3 }): Promise<PixelRaster> {
    const { width, channels } = options;
    const { data, info } = await this.decoded((image) => {
      const sized = width === this.facts.width ? image : image.resize({ width });
      return channels === 1 ? sized.grayscale() : sized.toColourspace('srgb');
    });
    if (info.channels !== channels) throw new Error(`${info.channels} channels were decoded`);
    return { pixels: data, width: info.width, height: info.height, channels };
  }

  private async decoded(transform: (image: Sharp) => Sharp) {
    const { width, height } = this.facts;
    const image = sharp(this.bytes, { limitInputPixels: width * height, failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#fff' });
    return transform(image)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
      .catch(() => {
        throw new JobError('DOCUMENT_UNREADABLE', 'the image is damaged');
      });
  }
}
