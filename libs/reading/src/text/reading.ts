import { Box, MediaType } from '@casewire/contracts';
import { z } from 'zod';

/** Increase it when readings change: documents with an older reading are read again. */
export const readerVersion = '1';

export const Word = z.object({
  text: z.string(),
  box: Box,
  /** 1 for a word of a text layer. */
  confidence: z.number().min(0).max(1),
  /** Number of its line on the page, from 0; the words of a line are ordered from left to right. */
  line: z.int().nonnegative(),
  /** For text layers only; the size in points. */
  font: z.object({ name: z.string(), size: z.number() }).nullable(),
});
export type Word = z.infer<typeof Word>;

export const PageReading = z.object({
  page: z.int().positive(),
  source: z.enum(['text', 'ocr']),
  /** Resolution of the recognition; null for text layers. */
  dpi: z.number().nullable(),
  /** Degrees by which the page has to be rotated clockwise to be upright. */
  rotation: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
  /** The page's width divided by its height. */
  aspect: z.number().positive(),
  words: z.array(Word),
  /** The lines of a machine-readable zone, read with its alphabet only. */
  zone: z.array(z.object({ text: z.string(), box: Box })),
});
export type PageReading = z.infer<typeof PageReading>;

/** The text of a document. */
export const Reading = z.object({
  version: z.literal(readerVersion),
  mediaType: MediaType,
  /** ISO 639-1, or null where there is too little text. */
  language: z.string().length(2).nullable(),
  pages: z.array(PageReading),
});
export type Reading = z.infer<typeof Reading>;
