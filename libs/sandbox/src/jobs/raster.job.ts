import type { PixelRaster } from '../image/pixel-raster.ts';
import type { Job } from '../inside/job.ts';
import { JobError } from '../job-error.ts';

export interface RasterArgs {
  mediaType: string;
  page: number;
  /** Of a PDF: the resolution of the raster. Of an image: the resolution that a small one is enlarged to. */
  dpi: number;
  /** Pixels that an image may have. */
  pixels: number;
  /** Pixels that the raster may have: a larger one is reduced. */
  maximumPixels: number;
  /** Pixels that a side of the raster may have: pages have any shape. */
  maximumSide: number;
  channels: 1 | 3;
  /** Keeps an image at its own size, up to `maximumPixels`. */
  native: boolean;
}

export interface RasterSize {
  width: number;
  height: number;
  channels: 1 | 3;
  dpi: number;
}

/** Renders or decodes one page. The blob is its pixels. */
const raster: Job<RasterArgs, RasterSize> = async ({ bytes, args }) => {
  const made =
    args.mediaType === 'application/pdf'
      ? await pdfRaster(bytes, args)
      : await imageRaster(bytes, args);
  const { pixels, width, height, channels, dpi } = made;
  return { value: { width, height, channels, dpi }, blobs: [pixels] };
};
export default raster;

type PageRaster = PixelRaster & { dpi: number };

async function pdfRaster(
  bytes: Buffer,
  { page: number, dpi, maximumPixels, maximumSide, channels }: RasterArgs,
): Promise<PageRaster> {
  const { PdfDocument } = await import('../pdf/pdf-document.ts');
  const page = PdfDocument.open(bytes).page(number);
  if (!page) throw new JobError('DOCUMENT_UNREADABLE', `page ${number} cannot be opened`);
  const inches = (page.width / 72) * (page.height / 72);
  const longer = Math.max(page.width, page.height) / 72;
  const fitting = Math.min(dpi, Math.sqrt(maximumPixels / inches), maximumSide / longer);
  const width = Math.max(1, Math.round((page.width / 72) * fitting));
  const height = Math.max(1, Math.round((page.height / 72) * fitting));
  return { ...page.raster(width, height, channels), dpi: fitting };
}

async function imageRaster(bytes: Buffer, args: RasterArgs): Promise<PageRaster> {
  const { Image } = await import('../image/decoder.ts');
  const image = await Image.open(bytes, args.pixels);
  const { width, height } = image.facts;
  const resolution = likelyResolution(image.facts);
  // An image of low resolution is enlarged; others keep their size, because resampling costs sharpness.
  const wanted = args.native || resolution >= 150 ? 1 : Math.min(3, args.dpi / resolution);
  const fitting = Math.min(
    Math.sqrt(args.maximumPixels / (width * height)),
    args.maximumSide / Math.max(width, height),
  );
  const scale = Math.min(wanted, fitting);
  const made = await image.raster({
    width: Math.max(1, Math.round(width * scale)),
    channels: args.channels,
  });
  return { ...made, dpi: resolution * scale };
}

/** The resolution in the file where it is plausible; else as if the image were an A4 page, or a passport page where it is wide. */
function likelyResolution(facts: {
  width: number;
  height: number;
  density: number | null;
}): number {
  const { width, height, density } = facts;
  // 72 and 96 are the defaults of cameras and screens.
  if (density && density > 96 && density <= 1200) return density;
  const longest = Math.max(width, height);
  return width > height ? longest / 5 : longest / 11.69;
}
