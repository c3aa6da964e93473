/** What a finding says about, so that two ways of seeing one thing do not count as two. */
export type Evidence = 'pixels' | 'layers' | 'history' | 'contents' | 'metadata';

/** How each finding weighs: `weight` is how sure one would be of a forgery from it alone, at full confidence. */
export const findingWeights: Record<string, { evidence: Evidence; weight: number }> = {
  COPY_MOVE: { evidence: 'pixels', weight: 0.75 },
  NOISE_INCONSISTENT: { evidence: 'pixels', weight: 0.65 },
  DOUBLE_COMPRESSION: { evidence: 'metadata', weight: 0.1 },
  TRAILING_DATA: { evidence: 'metadata', weight: 0.1 },
  EDITING_SOFTWARE: { evidence: 'metadata', weight: 0.25 },
  TEXT_OVERLAY: { evidence: 'layers', weight: 0.8 },
  STRAY_FONT: { evidence: 'layers', weight: 0.35 },
  HIDDEN_TEXT: { evidence: 'layers', weight: 0.1 },
  TEXT_REVISED: { evidence: 'history', weight: 0.7 },
  REVISIONS: { evidence: 'history', weight: 0.1 },
  DATES_INCONSISTENT: { evidence: 'metadata', weight: 0.15 },
  ACTIVE_CONTENT: { evidence: 'metadata', weight: 0.15 },
  ZONE_NOT_SOUND: { evidence: 'contents', weight: 0.45 },
  ZONE_PRINT_MISMATCH: { evidence: 'contents', weight: 0.7 },
  BALANCE_MISMATCH: { evidence: 'contents', weight: 0.7 },
  IBAN_INVALID: { evidence: 'contents', weight: 0.4 },
  PAY_SUM_MISMATCH: { evidence: 'contents', weight: 0.7 },
  INVOICE_SUM_MISMATCH: { evidence: 'contents', weight: 0.65 },
  DATES_OUT_OF_ORDER: { evidence: 'contents', weight: 0.45 },
  TRANSACTION_OUTSIDE_PERIOD: { evidence: 'contents', weight: 0.3 },
};

export const verdictRules = {
  /** From here on a person looks at it. */
  review: 0.35,
  /** From here on it fails, provided that this many kinds of evidence speak against it. */
  fail: 0.8,
  kinds: 2,
  /** A kind of evidence speaks against a document from here on. */
  speaks: 0.2,
};
