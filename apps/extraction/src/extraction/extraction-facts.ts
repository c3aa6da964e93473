import type { ExtractionResult, StageFacts } from '@casewire/contracts';

/** What a verdict on the document needs to know about its extraction: names of fields, never values. */
export const extractionFacts = ({ fields, ocrConfidence }: ExtractionResult) =>
  ({
    stage: 'extraction',
    fields: [...new Set(fields.map(({ name }) => name))],
    ocrConfidence,
  }) satisfies StageFacts;
