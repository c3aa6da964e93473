export { DocumentError, DocumentErrorCode } from './document-error.ts';
export type { Image } from './image/decoder.ts';
export { jobUrls } from './jobs/job-urls.ts';
export { ArchiveError, ArchiveErrorCode } from './archive/archive-error.ts';
export type { UnpackArgs } from './jobs/unpack.job.ts';
export { headLength, isZip, mediaTypeOf } from './media-type.ts';
export type { RasterArgs } from './jobs/raster.job.ts';
export type { PdfPageText } from './jobs/read-pdf.job.ts';
export { LimitWatch } from './sandbox/limit-watch.ts';
export { documentLimits, type DocumentLimits, parseLimit, readLimit } from './limits.ts';
export { parseUntrusted } from './parse-untrusted.ts';
export type { PdfDocument } from './pdf/pdf-document.ts';
export type { PixelRaster } from './image/pixel-raster.ts';
export type { PdfObject, PdfWord } from './pdf/page-contents.ts';
export type { PdfPage } from './pdf/pdf-page.ts';
export type { Job, JobInput, JobOutput } from './inside/job.ts';
export { JobError } from './job-error.ts';
export {
  type ParserKind,
  type SandboxJob,
  Sandbox,
  type SandboxOptions,
  type Log,
} from './sandbox/sandbox.ts';
export { SandboxCrashed, SandboxBroken, SandboxBusy, SandboxStalled } from './sandbox-error.ts';
export { sharedSandbox } from './sandbox/shared-sandbox.ts';
export { removeTemporaryFolder, temporaryFolder } from './temporary/temporary-folder.ts';
