/** A phrase that indicates a type of document. */
export interface Anchor {
  name: string;
  /** Searched for in each line, in lower case without accents. */
  pattern: RegExp;
  /** One more makes the type e times as likely. */
  weight: number;
  /** Only on a short line in the upper part of the first page: a letter may well mention an invoice. */
  heading?: boolean;
}

/** What the value of a field looks like. */
export type ValueKind = 'text' | 'name' | 'date' | 'amount' | 'code' | 'iban' | 'sex' | 'time';

/** Where a field's value is printed and what it looks like. */
export interface FieldRule {
  name: string;
  kind: ValueKind;
  /** Its label, in lower case without accents; the value is to the right of it or below it. */
  label?: RegExp;
  /** Which of the two is tried first; right where it is absent. */
  place?: 'right' | 'below';
  /** Which value is used where several of the kind follow the label; the first where it is absent. */
  choose?: 'first' | 'last';
  /** Only below this heading, down to the next heading of the same rules. */
  section?: string;
  /** Without a label: the first line of the page that is no heading. */
  headline?: boolean;
  /** For codes: the pattern of the whole value. */
  shape?: RegExp;
}

/** A column of a table. */
export interface ColumnRule {
  name: string;
  /** Its heading, in lower case without accents. */
  heading: RegExp;
  /** Columns of dates and amounts contain nothing else; text and number columns receive all other words. */
  kind: 'date' | 'amount' | 'number' | 'text';
}

/** One or more tables that share a line of headings, from left to right. */
export interface TableRules {
  tables: {
    name: string;
    columns: ColumnRule[];
    /** A line is a row of the table only if it has these cells. */
    needs: string[];
  }[];
  /** The first line after the rows. */
  end: RegExp;
}

/** How the fields of a document are found. */
export interface FieldRules {
  /** Headings that divide the document. */
  sections?: Record<string, RegExp>;
  /** Labels that belong to no field of the rules but end the value before them. */
  otherLabels?: RegExp[];
  fields: FieldRule[];
}

/** Everything that is declared about one type of document: classification, extraction and forensics read it. */
export interface DocumentTypeRules extends FieldRules {
  /** Phrases by which the type is recognized: English and Spanish, French and German headings where a document is often bilingual. */
  anchors: Anchor[];
  /** Whether it has a machine-readable zone that begins with P (ICAO 9303-4). */
  hasMrz?: boolean;
  tables?: TableRules;
  /** Names of date fields in the order in which the dates follow each other. */
  dateOrder?: string[];
}
