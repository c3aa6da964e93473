export { DocumentError, DocumentErrorCode } from './document-error.ts';
export type { Image } from './image/decoder.ts';
export { jobAddresses } from './jobs/job-addresses.ts';
export type { RasterArgs } from './jobs/raster.job.ts';
export type { PdfPageText } from './jobs/read-pdf.job.ts';
export { LimitWatch } from './limit-watch.ts';
export { documentLimits, type DocumentLimits, parseLimit, readLimit } from './limits.ts';
export { parseUntrusted } from './parse-untrusted.ts';
export type { PdfDocument } from './pdf/pdf-document.ts';
export type { PdfObject, PdfPage, PdfWord, PixelRaster } from './pdf/pdf-page.ts';
export { type Job, JobError, type JobInput, type JobOutput } from './process/job.ts';
export {
  type ChildKind,
  type SandboxJob,
  Sandbox,
  type SandboxOptions,
  type Log,
} from './process/sandbox.ts';
export {
  SandboxCrashed,
  SandboxBroken,
  SandboxBusy,
  SandboxStalled,
} from './process/sandbox-error.ts';
export { sharedSandbox } from './process/shared-sandbox.ts';
export { removeTemporaryFolder, temporaryFolder } from './temporary/temporary-folder.ts';
