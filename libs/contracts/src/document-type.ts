import { z } from 'zod';

/** The document types that are recognized; anything else is `unknown`. */
export const DocumentType = z.enum([
  'passport',
  'payslip',
  'bank_statement',
  'invoice',
  'birth_certificate',
  'unknown',
]);
export type DocumentType = z.infer<typeof DocumentType>;
