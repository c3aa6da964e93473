import { caseType, documentType } from './case-samples.ts';
import type { TypeDescription } from './seed.ts';

const reviewId = 'd0e1f234-5678-4012-b456-123456789012';

/** The event types of verdicts, reviews and revisions, by name. */
export const reviewDescriptions: readonly (readonly [string, TypeDescription])[] = [
  [
    'document.assessed',
    documentType('The rules gave a verdict on a document, after its extraction and its forensics', {
      documentType: 'passport',
      verdict: 'verified',
      reasons: [],
      ocrConfidence: 0.95,
      fraudSignals: [],
      securityFeatures: ['mrz_valid'],
      rulesVersion: '2026-11-30',
      assessment: 1,
    }),
  ],
  [
    'review.opened',
    caseType('A review of the case by a person was requested, automatically or by a person', {
      reviewId,
      uploadId: null,
      reviewType: 'document_review',
      priority: 'high',
      reason: 'The document could not be read',
      cause: 'unprocessable',
    }),
  ],
  [
    'review.assigned',
    caseType('A review was assigned to a person', {
      reviewId,
      assigneeId: 'd4e5f6a7-b8c9-4123-8ef0-456789012345',
    }),
  ],
  [
    'review.resolved',
    caseType('A review was decided', {
      reviewId,
      resolution: 'approved',
      resolvedBy: { type: 'api_key', id: '4f8a1c90b27d3e6f51', name: 'Back office' },
    }),
  ],
  [
    'case.action_required',
    caseType('A reviewer requested further documents: the case waits for them', {
      reviewId,
      request: 'The back of the identity card',
    }),
  ],
  [
    'document.revised',
    documentType('A document was changed after the result was ready', { revision: 2 }),
  ],
  ['case.revised', caseType('A case was changed after its result was ready', { revision: 2 })],
];
