import { z } from 'zod';

/** The verdict on a document: verified, rejected, or to be reviewed by a person. */
export const DocumentVerdict = z.enum(['verified', 'rejected', 'review']);
export type DocumentVerdict = z.infer<typeof DocumentVerdict>;

/** The verdict on a document, and what it is based on. No personal data. */
export const Assessment = z.object({
  /** 1 for the first verdict on the document; a refresh leads to another one. */
  number: z.int().positive(),
  verdict: DocumentVerdict,
  /** The reasons of the rules that applied; empty for a verified document. */
  reasons: z.array(z.string()),
  /** 0 to 1; null without OCR. */
  ocrConfidence: z.number().min(0).max(1).nullable(),
  /** Codes of the findings of forensics. */
  fraudSignals: z.array(z.string()),
  /** Security features that were found to be sound. */
  securityFeatures: z.array(z.string()),
  /** The version of the rule set that decided. */
  rulesVersion: z.string(),
});
export type Assessment = z.infer<typeof Assessment>;
