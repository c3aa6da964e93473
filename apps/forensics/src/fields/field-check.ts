import type { Box, DocumentType, ExtractedField } from '@casewire/contracts';
import type { DocumentTypeRules, ExtractedRow, Reading } from '@casewire/reading';

import type { FindingCode } from '../findings/finding-types.data.ts';
import type { FindingDraft } from '../findings/finding.ts';

/** The contents of one document. */
export interface FieldCheckInput {
  reading: Pick<Reading, 'pages'>;
  documentType: DocumentType;
  /** As printed, without the values of a machine-readable zone. */
  fields: ExtractedField[];
  rows: ExtractedRow[];
  today: Date;
}

/** What a document type must have for a check to apply. */
export interface Requirements {
  /** Names of fields. */
  fields?: readonly string[];
  /** Name of a table. */
  table?: string;
  /** A machine-readable zone. */
  mrz?: true;
  /** Dates that follow each other. */
  dateOrder?: true;
}

/** A check that compares the contents of a document with each other. */
export interface FieldCheck {
  code: FindingCode;
  requires: Requirements;
  /** Gives the findings; null if the document has nothing to compare, so that the check did not run. */
  run: (input: FieldCheckInput, rules: DocumentTypeRules) => FindingDraft[] | null;
}

/** Whether documents of a type with these rules have what the check requires. */
export function applies({ requires }: Pick<FieldCheck, 'requires'>, rules: DocumentTypeRules) {
  const { fields = [], table, mrz, dateOrder } = requires;
  const names = new Set(rules.fields.map(({ name }) => name));
  const tables = (rules.tables?.tables ?? []).map(({ name }) => name);
  return (
    fields.every((name) => names.has(name)) &&
    (table === undefined || tables.includes(table)) &&
    (!mrz || rules.hasMrz === true) &&
    (!dateOrder || rules.dateOrder !== undefined)
  );
}

/** A value below this confidence may be misread: no finding is made from it. */
const certain = 0.8;

/** The certain values by name. */
export const certainValues = (fields: readonly ExtractedField[]): Map<string, ExtractedField> =>
  new Map(
    fields.filter(({ confidence }) => confidence >= certain).map((field) => [field.name, field]),
  );

/** An amount in cents, exactly. */
export const cents = (field: Pick<ExtractedField, 'value'>): number =>
  Math.round(Number(field.value) * 100);

/** Cents as an amount with two decimals. */
export const money = (value: number): string => (value / 100).toFixed(2);

/** The name of a field in words. */
export const words = (name: string): string =>
  name.replaceAll('_', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The page and box of a finding about a printed value. Values from pixels may be misread: they give less confidence. */
export const placeOf = (
  { pages }: Pick<Reading, 'pages'>,
  { page, box }: { page: number; box: Box },
) => {
  const isText = pages.find((reading) => reading.page === page)?.source === 'text';
  return { page, box, confidence: isText ? 0.95 : 0.7 };
};
