import { z } from 'zod';

/** The documents that can be told apart; anything else is `unknown`. */
export const DocumentType = z.enum([
  'passport',
  'payslip',
  'bank_statement',
  'invoice',
  'birth_certificate',
  'unknown',
]);
export type DocumentType = z.infer<typeof DocumentType>;
