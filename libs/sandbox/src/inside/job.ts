import type { Image } from '../image/decoder.ts';
import type { PdfDocument } from '../pdf/pdf-document.ts';

/** The input of a job. It brings the parsers along, because jobs outside this library cannot import them. */
export interface JobInput<Args> {
  /** The untrusted document. */
  bytes: Buffer;
  args: Args;
  /** Opens the document, or other bytes taken from it. @throws JobError DOCUMENT_ENCRYPTED, DOCUMENT_UNREADABLE */
  openPdf: (bytes?: Uint8Array) => Promise<PdfDocument>;
  /** For jobs of the kind `image`. @throws JobError DOCUMENT_UNREADABLE, DOCUMENT_TOO_LARGE_PIXELS */
  openImage: (pixels: number) => Promise<Image>;
}

/** The result of a job: a JSON value and binary blobs. */
export interface JobOutput<Value> {
  value: Value;
  blobs?: Uint8Array[];
}

/**
 * A function that runs in a sandboxed process. It is the default export of a module of its own (`*.job.ts`), which imports
 * only types, packages, and modules in the job folders of its sandbox.
 */
export type Job<Args, Value> = (
  input: JobInput<Args>,
) => JobOutput<Value> | Promise<JobOutput<Value>>;
