import type { Image } from '../image/decoder.ts';
import type { PdfDocument } from '../pdf/pdf-document.ts';

/** What a job gets: the untrusted bytes, what it was asked for, and parsers, which jobs outside this library cannot import. */
export interface JobInput<Args> {
  bytes: Buffer;
  args: Args;
  /** The document, or other bytes taken from it. @throws JobError DOCUMENT_ENCRYPTED, DOCUMENT_UNREADABLE */
  openPdf: (bytes?: Uint8Array) => Promise<PdfDocument>;
  /** For jobs of the kind `image`. @throws JobError DOCUMENT_UNREADABLE, DOCUMENT_TOO_LARGE_PIXELS */
  openImage: (pixels: number) => Promise<Image>;
}

/** What it gives back: a JSON value, and blobs beside it. */
export interface JobOutput<Value> {
  value: Value;
  blobs?: Uint8Array[];
}

/**
 * A function that runs in a contained child. It is the default export of a module of its own, whose imports
 * are type-only, or of packages that children may read.
 */
export type Job<Args, Value> = (
  input: JobInput<Args>,
) => JobOutput<Value> | Promise<JobOutput<Value>>;

/** Thrown in a child: a fault of the document, told by its code. */
export class JobError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
