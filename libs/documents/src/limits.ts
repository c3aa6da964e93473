/** What one document may cost. */
export interface DocumentLimits {
  /** Width times height of an image. */
  pixels: number;
  /** Of a PDF. */
  pages: number;
  /** Wall clock of a parse, in milliseconds. */
  parseMs: number;
  /** Wall clock of one page's raster, in milliseconds. */
  rasterMs: number;
  /** Wall clock of the text recognition of one page, in milliseconds. */
  recognizePageMs: number;
  /** Wall clock of the whole reading, in milliseconds. */
  readMs: number;
}

export const documentLimits: DocumentLimits = {
  pixels: 50_000_000,
  pages: 130,
  parseMs: 30_000,
  rasterMs: 5_000,
  recognizePageMs: 20_000,
  readMs: 600_000,
};
