import type { Box, DocumentType, ExtractedField } from '@casewire/contracts';
import type { ExtractedRow, Reading } from '@casewire/reading';

import type { Suspicion } from '../examination/suspicion.ts';

/** What the fields of a document say, for one to be held against another. */
export interface Statements {
  reading: Pick<Reading, 'pages'>;
  documentType: DocumentType;
  /** As printed, without what a zone says. */
  fields: ExtractedField[];
  rows: ExtractedRow[];
  today: Date;
}

export interface CrossCheck {
  code: string;
  appliesTo: DocumentType[];
  examine: (statements: Statements) => Suspicion[];
}

/** Below this a value may have been misread, and proves nothing. */
const certain = 0.8;

/** Values by name that were read with certainty. */
export const certainValues = (fields: readonly ExtractedField[]): Map<string, ExtractedField> =>
  new Map(
    fields.filter(({ confidence }) => confidence >= certain).map((field) => [field.name, field]),
  );

/** Cents, exactly. */
export const cents = (field: Pick<ExtractedField, 'value'>): number =>
  Math.round(Number(field.value) * 100);

export const money = (value: number): string => (value / 100).toFixed(2);

/** Sums that were recognized from pixels may be misread all the same. */
export const certaintyOf = ({ pages }: Pick<Reading, 'pages'>, page: number): number =>
  pages.find((reading) => reading.page === page)?.source === 'text' ? 0.95 : 0.7;

export const at = ({ page, box }: { page: number; box: Box }) => ({ page, box });
