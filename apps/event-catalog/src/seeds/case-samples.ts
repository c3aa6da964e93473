import type { TypeDescription } from './seed.ts';

/** The case and the document of all samples. */
export const caseFields = {
  caseId: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69',
  externalId: 'applicant-9876',
  occurredAt: '2026-01-22T10:30:00.000Z',
};
export const uploadId = '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10';

export const caseType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Case',
  trigger,
  sample: { ...caseFields, ...sample },
});
export const documentType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Document',
  trigger,
  sample: { ...caseFields, uploadId, ...sample },
});
