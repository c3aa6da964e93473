import { z } from 'zod';

import { DocumentType } from './document-type.ts';

/** [left, top, right, bottom] as fractions of the page's width and height, origin at the top left. */
export const Box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type Box = z.infer<typeof Box>;

const confidence = z.number().min(0).max(1);
const place = { page: z.int().positive(), box: Box };

export const ClassificationResult = z.object({
  documentType: DocumentType,
  confidence,
  candidates: z.array(z.object({ documentType: DocumentType, confidence })),
  /** ISO 639-1, or null where there is too little text. */
  language: z.string().length(2).nullable(),
  pages: z.int().positive(),
  evidence: z.array(z.object({ anchor: z.string(), weight: z.number(), ...place })),
});
export type ClassificationResult = z.infer<typeof ClassificationResult>;

export const ExtractedField = z.object({
  name: z.string(),
  /** Normalised: dates as YYYY-MM-DD, amounts with a point and two decimals, names as printed. */
  value: z.string(),
  /** As printed on the document. */
  text: z.string(),
  confidence,
  ...place,
});
export type ExtractedField = z.infer<typeof ExtractedField>;

export const ExtractionResult = z.object({
  documentType: DocumentType,
  fields: z.array(ExtractedField),
  /** Line items: transactions, earnings, invoice lines. */
  rows: z.array(z.object({ table: z.string(), cells: z.array(ExtractedField) })),
  /** The mean confidence of the recognized words; null if the document has its text without OCR. */
  ocrConfidence: confidence.nullable().default(null),
});
export type ExtractionResult = z.infer<typeof ExtractionResult>;

export const Finding = z.object({
  code: z.string(),
  severity: z.enum(['info', 'low', 'medium', 'high']),
  confidence,
  page: z.int().positive(),
  box: Box.nullable(),
  /** The reason in one sentence. */
  explanation: z.string(),
  /** Blob key of a PNG for a reviewer, which shows the place; null where there is none. */
  image: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

export const ForensicsResult = z.object({
  verdict: z.enum(['pass', 'review', 'fail']),
  findings: z.array(Finding),
  /** Every check, whether it ran, and the reason where it did not. */
  checks: z.array(z.object({ code: z.string(), ran: z.boolean(), reason: z.string().nullable() })),
});
export type ForensicsResult = z.infer<typeof ForensicsResult>;

export const TranslationResult = z.object({
  sourceLanguage: z.string().length(2),
  targetLanguage: z.string().length(2),
  engine: z.string(),
  /** Translated share of the words to be translated, 0 to 1. */
  coverage: z.number().min(0).max(1),
  /** True where the text is already in the target language. */
  unchanged: z.boolean(),
  segments: z.array(
    z.object({
      text: z.string(),
      translation: z.string(),
      state: z.enum(['translated', 'kept', 'untranslated']),
      ...place,
    }),
  ),
});
export type TranslationResult = z.infer<typeof TranslationResult>;
