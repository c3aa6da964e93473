import type { DocumentType, ExtractionResult } from '@casewire/contracts';
import { classify, findFields, findRows, type Reading } from '@casewire/reading';
import { StageFailed } from '@casewire/stage-runtime';

import { ocrConfidenceOf } from './ocr-confidence.ts';

/**
 * Extracts the fields and rows of a document.
 * @param known its type by classification; null: it is classified here, by the same rules
 * @throws StageFailed DOCUMENT_TYPE_UNKNOWN
 */
export function extractDocument(
  reading: Reading,
  known: DocumentType | null,
  today: Date,
): ExtractionResult {
  const documentType = known ?? classify(reading, today).documentType;
  if (documentType === 'unknown') {
    throw new StageFailed('DOCUMENT_TYPE_UNKNOWN', 'the document has no known type');
  }
  return {
    documentType,
    fields: findFields(reading, documentType, today),
    rows: findRows(reading, documentType),
    ocrConfidence: ocrConfidenceOf(reading),
  };
}
