import type { DocumentType } from '@casewire/contracts';

import type { Language } from './names-and-formats.ts';

export type SampleKind =
  | 'passport'
  | 'payslip'
  | 'payslip_pdf'
  | 'bank_statement'
  | 'invoice'
  | 'birth_certificate'
  | 'birth_certificate_image'
  | 'letter'
  | 'legal_text'
  | 'passport_copy_move'
  | 'payslip_patch'
  | 'payslip_resaved'
  | 'bank_statement_overlay'
  | 'bank_statement_revised';

/** How a scanner or a camera degrades a page. */
export interface Degradation {
  /** Standard deviation of the sensor's noise, in levels of 255. */
  noise?: number;
  skewDegrees?: number;
  dpi?: number;
  /** Sigma of a Gaussian blur, in pixels. */
  blur?: number;
}

export interface SampleOptions {
  seed: number;
  /** For payslips, statements and invoices; English by default. */
  language?: Language;
  /** Applies to images and image-only PDFs. */
  degrade?: Degradation;
}

export interface Tampering {
  method: 'copy_move' | 'patch' | 'resaved' | 'overlay' | 'revision';
  page: number;
  /** Fractions of the page: left, top, right, bottom. */
  box: [number, number, number, number];
}

export interface Truth {
  documentType: DocumentType;
  /** Normalised values by the field names of extraction. */
  fields: Record<string, string>;
  /** Every printed line. */
  text: string[];
  language: Language;
  tampered?: Tampering;
}

export interface Sample {
  fileName: string;
  mediaType: 'application/pdf' | 'image/png' | 'image/jpeg';
  bytes: Buffer;
  truth: Truth;
}

/** A drawn document before it becomes a file. */
export interface Drawing {
  pdf: Buffer;
  truth: Truth;
}
