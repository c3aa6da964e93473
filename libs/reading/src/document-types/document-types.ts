import type { DocumentType } from '@casewire/contracts';

import { bankStatement } from './bank-statement.data.ts';
import { birthCertificate } from './birth-certificate.data.ts';
import type { DocumentTypeRules } from './document-type-rules.ts';
import { invoice } from './invoice.data.ts';
import { passport } from './passport.data.ts';
import { payslip } from './payslip.data.ts';

/** A document type that has rules. */
export type KnownDocumentType = Exclude<DocumentType, 'unknown'>;

const rulesByType: Record<KnownDocumentType, DocumentTypeRules> = {
  passport,
  payslip,
  bank_statement: bankStatement,
  invoice,
  birth_certificate: birthCertificate,
};

/** Every known document type with its rules. */
export const documentTypes = Object.entries(rulesByType) as [
  KnownDocumentType,
  DocumentTypeRules,
][];

/** The rules of a document type; null for `unknown`. */
export const rulesOf = (documentType: DocumentType): DocumentTypeRules | null =>
  documentType === 'unknown' ? null : rulesByType[documentType];
