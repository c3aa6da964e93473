/**
 * The limits of one document. Times are used processor time in milliseconds, except `wallMs`: on a busy machine a document
 * is late, but not too slow.
 */
export interface DocumentLimits {
  /** Width times height of an image. */
  pixels: number;
  /** Of a PDF. */
  pages: number;
  /** Of a parse. */
  parseMs: number;
  /** Of a parse, for each page in addition. */
  parsePageMs: number;
  /** Of one page's raster. */
  rasterMs: number;
  /** Of one recognition of a page's text. A page may need several: in other languages or rotations. */
  recognizePageMs: number;
  /** Of the whole reading. */
  readMs: number;
  /** Of the whole reading, for each page in addition. */
  readPageMs: number;
  /** Elapsed time after which one of these steps is started again: far more than a busy machine needs. */
  wallMs: number;
}

export const documentLimits: DocumentLimits = {
  pixels: 50_000_000,
  pages: 130,
  parseMs: 30_000,
  parsePageMs: 1_000,
  rasterMs: 10_000,
  recognizePageMs: 30_000,
  readMs: 60_000,
  readPageMs: 20_000,
  wallMs: 300_000,
};

/** Processor time of a parse of a document with this many pages, in milliseconds. */
export const parseLimit = (limits: DocumentLimits, pages: number): number =>
  limits.parseMs + limits.parsePageMs * pages;

/** Processor time of the whole reading of a document with this many pages, in milliseconds. */
export const readLimit = (limits: DocumentLimits, pages: number): number =>
  limits.readMs + limits.readPageMs * pages;
