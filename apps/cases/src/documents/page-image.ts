import { isReaderUnavailable, pageRaster, type DocumentSource } from '@casewire/reading';
import { DocumentError, documentLimits, sharedSandbox, type Sandbox } from '@casewire/sandbox';
import { ApiError } from '@casewire/service';
import sharp from 'sharp';

const dpi = 150;
/** Enough to read a page of A4, at about 24 MB of memory. */
const maximumPixels = 8_000_000;
const maximumSide = 8_000;

/**
 * A page as PNG: rendered in a sandboxed process, and encoded here from its pixels.
 * @throws ApiError 422 if the page cannot be rendered, 503 if the machine cannot do it now; the error of `source.open`
 */
export async function pageImage(
  source: DocumentSource,
  page: number,
  sandbox: Pick<Sandbox, 'run'> = sharedSandbox(),
): Promise<Buffer> {
  const { pixels, rasterMs: processorMs, wallMs } = documentLimits;
  const { organizationId } = source;
  const raster = await pageRaster(
    sandbox,
    source,
    { page, channels: 3, native: true, dpi, maximumPixels, maximumSide, pixels },
    { processorMs, wallMs, organizationId },
  ).catch((error: unknown) => {
    throw apiErrorOf(error);
  });
  const { width, height, channels } = raster;
  return sharp(raster.pixels, { raw: { width, height, channels } }).png().toBuffer();
}

function apiErrorOf(error: unknown): unknown {
  if (isReaderUnavailable(error)) {
    const detail = 'the page cannot be rendered now; send the request again';
    return new ApiError(503, 'UNAVAILABLE', detail, [], { 'retry-after': '5' });
  }
  return error instanceof DocumentError ? new ApiError(422, error.code, error.message) : error;
}
