import type { DocumentType, ExtractedField } from '@casewire/contracts';

import type { FieldRule, FieldRules } from '../document-types/document-type-rules.ts';
import { rulesOf } from '../document-types/document-types.ts';
import { type Line, linesOf } from '../text/lines.ts';
import type { Reading } from '../text/reading.ts';
import { boxOf, confidenceOf, findIn, type Span, spanAt, textOf } from '../text/spans.ts';
import { findValue } from './field-values.ts';
import { headline } from './headline.ts';
import { addZoneFields } from './mrz-fields.ts';

/** A gap wider than this many line heights separates two columns. */
const columnGap = 1.1;
/** A value is at most this many line heights below its label. */
const maximumBelow = 2.6;

interface Page {
  lines: Line[];
  /** Width divided by height: gaps are fractions of the width, line heights fractions of the height. */
  aspect: number;
}

/**
 * Finds the fields of a document by the rules of its type: value, printed text, confidence and place.
 * @param today the dates of a machine-readable zone are judged by it
 */
export function findFields(
  reading: Pick<Reading, 'pages'>,
  documentType: DocumentType,
  today: Date,
): ExtractedField[] {
  const printed = findPrintedFields(reading, documentType);
  return rulesOf(documentType)?.hasMrz ? addZoneFields(printed, reading, today) : printed;
}

/** Finds the printed fields only, without those of a machine-readable zone. */
export function findPrintedFields(
  reading: Pick<Reading, 'pages'>,
  documentType: DocumentType,
): ExtractedField[] {
  const rules = rulesOf(documentType);
  if (!rules) return [];
  const pages = reading.pages.map((page) => ({ lines: linesOf(page), aspect: page.aspect }));
  return rules.fields.flatMap((rule) => find(rule, rules, pages) ?? []);
}

function find(rule: FieldRule, rules: FieldRules, pages: Page[]): ExtractedField | null {
  const first = pages[0];
  if (rule.headline) return first ? field(rule, headlineSpan(first)) : null;
  for (const page of pages) {
    for (const [index, line] of page.lines.entries()) {
      if (rule.section && sectionAt(rules, page.lines, index) !== rule.section) continue;
      const label = findIn(line, rule.label!);
      if (!label) continue;
      const places = [
        () => field(rule, spanRight(label, rules, rule, page)),
        () => field(rule, spanBelow(label, rules, page, index)),
      ];
      if (rule.place === 'below') places.reverse();
      for (const place of places) {
        const found = place();
        if (found) return found;
      }
    }
  }
  return null;
}

const headlineSpan = (page: Page): Span | null => {
  const line = headline(page.lines);
  return line && segmentFrom({ line, from: 0, to: 0 }, page.aspect);
};

function sectionAt(rules: FieldRules, lines: Line[], index: number): string | null {
  for (let i = index; i >= 0; i--) {
    for (const [name, heading] of Object.entries(rules.sections ?? {})) {
      if (findIn(lines[i]!, heading)) return name;
    }
  }
  return null;
}

/** The field with the value in the span, or null where there is none of its kind. */
function field(rule: FieldRule, span: Span | null): ExtractedField | null {
  if (!span || span.to <= span.from) return null;
  const text = textOf(span);
  const found = findValue(rule, text);
  if (!found) return null;
  const before = span.line.words
    .slice(0, span.from)
    .reduce((sum, word) => sum + word.text.length + 1, 0);
  const part = spanAt(span.line, before + found.index, found.length);
  return {
    name: rule.name,
    value: found.value,
    text: text.slice(found.index, found.index + found.length),
    confidence: Math.round(confidenceOf(part) * 1000) / 1000,
    page: span.line.page,
    box: boxOf(part),
  };
}

/** The words to the right of the label, up to the end of their column or to the next label. */
function spanRight(label: Span, rules: FieldRules, rule: FieldRule, page: Page): Span | null {
  const { line } = label;
  // A date in words contains labels ("Día: … Mes: … Año: …").
  const end = rule.kind === 'date' ? line.words.length : nextLabel(line, label.to, rules);
  if (label.to >= end) return null;
  const segment = segmentFrom({ line, from: label.to, to: label.to }, page.aspect);
  const wide = rule.kind === 'date' && rule.section;
  return { line, from: label.to, to: wide ? end : Math.min(segment.to, end) };
}

/** The words below the label, in its column. */
function spanBelow(label: Span, rules: FieldRules, page: Page, index: number): Span | null {
  const [left, top, , bottom] = boxOf(label);
  const height = bottom - top;
  for (const line of page.lines.slice(index + 1)) {
    if (line.page !== label.line.page || line.box[1] - bottom > height * maximumBelow) return null;
    const from = line.words.findIndex(
      ({ box }) => Math.abs(box[0] - left) * page.aspect < height * 1.2,
    );
    if (from < 0) continue;
    const end = nextLabel(line, from, rules);
    if (end === from) return null;
    const segment = segmentFrom({ line, from, to: from }, page.aspect);
    return { line, from, to: Math.min(segment.to, end) };
  }
  return null;
}

/** The words from the span's start up to the next gap between columns. */
function segmentFrom({ line, from }: Span, aspect: number): Span {
  let to = from + 1;
  while (to < line.words.length) {
    const [, top, right_, bottom] = line.words[to - 1]!.box;
    const gap = (line.words[to]!.box[0] - right_) * aspect;
    if (gap > (bottom - top) * columnGap) break;
    to++;
  }
  return { line, from, to: Math.min(to, line.words.length) };
}

/** The index of the first word from `from` on that begins a label. */
function nextLabel(line: Line, from: number, rules: FieldRules): number {
  const rest = {
    ...line,
    words: line.words.slice(from),
    text: line.words
      .slice(from)
      .map(({ text }) => text)
      .join(' '),
  };
  const labels = [
    ...rules.fields.flatMap(({ label }) => label ?? []),
    ...(rules.otherLabels ?? []),
  ];
  const starts = labels
    // A label that begins a line may also begin a column.
    .flatMap((label) => findIn(rest, label)?.from ?? [])
    .map((start) => start + from);
  return Math.min(line.words.length, ...starts);
}
