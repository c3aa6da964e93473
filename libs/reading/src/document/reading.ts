import { Box, MediaType } from '@casewire/contracts';
import { z } from 'zod';

/** Raised with every change of what a reading says: older readings are read anew. */
export const readerVersion = '1';

export const Word = z.object({
  text: z.string(),
  box: Box,
  /** 1 where the word comes from a text layer. */
  confidence: z.number().min(0).max(1),
  /** The line it stands on, counted over the page from 0; words of a line go from left to right. */
  line: z.int().nonnegative(),
  /** Known for text layers only; the size in points. */
  font: z.object({ name: z.string(), size: z.number() }).nullable(),
});
export type Word = z.infer<typeof Word>;

export const PageReading = z.object({
  page: z.int().positive(),
  source: z.enum(['text', 'ocr']),
  /** Resolution that was recognized at; null for text layers. */
  dpi: z.number().nullable(),
  /** By how much the page has to be turned clockwise to stand upright. */
  rotation: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
  /** Of the page's width to its height. */
  aspect: z.number().positive(),
  words: z.array(Word),
  /** Lines read as a machine-readable zone, with the characters that a zone has only. */
  zone: z.array(z.object({ text: z.string(), box: Box })),
});
export type PageReading = z.infer<typeof PageReading>;

/** What is read from a document. */
export const Reading = z.object({
  version: z.literal(readerVersion),
  mediaType: MediaType,
  /** ISO 639-1, or null where too little text was found to tell. */
  language: z.string().length(2).nullable(),
  pages: z.array(PageReading),
});
export type Reading = z.infer<typeof Reading>;
