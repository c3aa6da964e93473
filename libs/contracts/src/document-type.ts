import { z } from 'zod';

/** The types of documents that are recognized; any other document is `unknown`. */
export const DocumentType = z.enum([
  'passport',
  'payslip',
  'bank_statement',
  'invoice',
  'birth_certificate',
  'unknown',
]);
export type DocumentType = z.infer<typeof DocumentType>;
