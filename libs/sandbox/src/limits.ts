/**
 * What one document may cost. Times are processor time that was really used, in milliseconds, but for `wallMs`: a machine
 * that is busy makes a document late, not too slow.
 */
export interface DocumentLimits {
  /** Width times height of an image. */
  pixels: number;
  /** Of a PDF. */
  pages: number;
  /** Of a parse. */
  parseMs: number;
  /** Of a parse, for each page beside that. */
  parsePageMs: number;
  /** Of one page's raster. */
  rasterMs: number;
  /** Of one recognition of a page's text. A page may take several: in other languages, the other way up. */
  recognizePageMs: number;
  /** Of the whole reading. */
  readMs: number;
  /** Of the whole reading, for each page beside that. */
  readPageMs: number;
  /** Time that may pass over one of these steps before it is begun anew: far more than a busy machine takes. */
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
