import { expect, test } from 'vitest';

import type { Task } from './order-state.ts';
import { verdictOn } from './task-verdict.ts';

type Documents = [
  documentType: 'payslip' | 'passport',
  verdict: 'verified' | 'review' | 'rejected',
][];

const task = (documents: Documents, changes: Partial<Task> = {}): Task => ({
  id: 'task',
  verificationId: 'verification',
  caseId: 'case',
  status: 'processing',
  stages: ['classification', 'extraction', 'forensics'],
  documents: new Map(
    documents.map(([documentType, verdict], i) => [`${i}`, { documentType, verdict }]),
  ),
  decision: null,
  result: 'succeeded',
  ...changes,
});
const ordered = {
  documentTypes: ['payslip' as const],
  features: ['extraction' as const, 'forensics' as const],
};

test.each<[string, Documents, Partial<Task>, string, string | null]>([
  ['a verified document of an ordered type', [['payslip', 'verified']], {}, 'succeeded', null],
  [
    'a document of another type beside it',
    [
      ['payslip', 'verified'],
      ['passport', 'review'],
    ],
    {},
    'succeeded',
    null,
  ],
  [
    'only documents of other types',
    [['passport', 'verified']],
    {},
    'failed',
    'DOCUMENT_TYPE_MISSING',
  ],
  ['no document', [], {}, 'failed', 'DOCUMENT_TYPE_MISSING'],
  [
    'one of two documents in doubt',
    [
      ['payslip', 'verified'],
      ['payslip', 'review'],
    ],
    {},
    'failed',
    'DOCUMENT_NOT_VERIFIED',
  ],
  [
    'a rejected document of any type',
    [
      ['payslip', 'verified'],
      ['passport', 'rejected'],
    ],
    {},
    'rejected',
    'DOCUMENT_REJECTED',
  ],
  [
    'a stage that failed',
    [['payslip', 'verified']],
    { result: 'partially_failed' },
    'failed',
    'CASE_PARTIALLY_FAILED',
  ],
  ['a case that failed', [], { result: 'failed' }, 'failed', 'CASE_FAILED'],
  ['a feature that was not requested', [], { stages: ['extraction'] }, 'failed', 'FEATURE_MISSING'],
  [
    'a feature that was not requested, of an approved case',
    [],
    { stages: ['extraction'], decision: 'approved' },
    'failed',
    'FEATURE_MISSING',
  ],
  [
    'an approved case with a document in doubt',
    [['payslip', 'review']],
    { decision: 'approved' },
    'succeeded',
    null,
  ],
  [
    'an approved case with a stage that failed',
    [],
    { decision: 'approved', result: 'partially_failed' },
    'succeeded',
    null,
  ],
  [
    'an approved case that failed',
    [],
    { decision: 'approved', result: 'failed' },
    'failed',
    'CASE_FAILED',
  ],
  [
    'a case that a reviewer rejected',
    [['payslip', 'verified']],
    { decision: 'rejected' },
    'rejected',
    'REVIEW_REJECTED',
  ],
])('%s', (_, documents, changes, status, reason) => {
  expect(verdictOn(task(documents, changes), ordered)).toEqual({ status, reason });
});
