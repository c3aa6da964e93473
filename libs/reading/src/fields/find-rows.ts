import type { Box, DocumentType, ExtractedField } from '@casewire/contracts';

import type { ColumnRule, TableRules } from '../document-types/document-type-rules.ts';
import { rulesOf } from '../document-types/document-types.ts';
import { type Line, linesOf, unionOf } from '../text/lines.ts';
import type { Reading, Word } from '../text/reading.ts';
import { boxOf, findIn, spanAt, wordsOf } from '../text/spans.ts';
import { findAmounts } from '../values/amount.ts';
import { findDates } from '../values/date.ts';

export interface ExtractedRow {
  table: string;
  cells: ExtractedField[];
}

interface Column extends ColumnRule {
  table: string;
  heading: RegExp;
  box: Box;
}

/** A table ends after this many lines without a row. */
const maximumGaps = 3;

/** Finds the rows of the tables of this document type, on every page with their headings. */
export function findRows(
  reading: Pick<Reading, 'pages'>,
  documentType: DocumentType,
): ExtractedRow[] {
  const rules = rulesOf(documentType)?.tables;
  return rules ? reading.pages.flatMap((page) => rowsOf(rules, linesOf(page))) : [];
}

function rowsOf(rules: TableRules, lines: Line[]): ExtractedRow[] {
  for (const [index, line] of lines.entries()) {
    const columns = columnsIn(rules, line);
    if (!columns) continue;
    const rows: ExtractedRow[] = [];
    let gaps = 0;
    for (const below of lines.slice(index + 1)) {
      if (findIn(below, rules.end) || gaps === maximumGaps) break;
      const found = rules.tables.flatMap(({ name, needs }) => {
        const cells = cellsOf(below, columns).filter(({ table }) => table === name);
        const complete = needs.every((need) => cells.some((cell) => cell.field.name === need));
        return complete ? [{ table: name, cells: cells.map(({ field }) => field) }] : [];
      });
      rows.push(...found);
      gaps = found.length > 0 ? 0 : gaps + 1;
    }
    return rows;
  }
  return [];
}

/** The columns from left to right, or null where the line does not contain all headings. */
function columnsIn(rules: TableRules, line: Line): Column[] | null {
  const columns: Column[] = [];
  let from = 0;
  for (const table of rules.tables) {
    for (const column of table.columns) {
      const rest = line.words.slice(from);
      const remaining = { ...line, words: rest, text: rest.map(({ text }) => text).join(' ') };
      const span = findIn(remaining, column.heading);
      if (!span) return null;
      columns.push({ ...column, table: table.name, box: boxOf(span) });
      from += span.to;
    }
  }
  return columns;
}

function cellsOf(line: Line, columns: Column[]): { table: string; field: ExtractedField }[] {
  const assigned = new Set<Word>();
  const byColumn = new Map<Column, { value: string; words: Word[] }>();
  const assign = (
    kind: 'date' | 'amount',
    found: { value: string; index: number; length: number }[],
  ) => {
    for (const { value, index, length } of found) {
      const words = wordsOf(spanAt(line, index, length)).filter((word) => !assigned.has(word));
      const column =
        words.length > 0 &&
        nearest(
          columns.filter((candidate) => candidate.kind === kind),
          words,
        );
      if (!column || byColumn.has(column)) continue;
      byColumn.set(column, { value, words });
      words.forEach((word) => assigned.add(word));
    }
  };
  assign('date', findDates(line.text));
  assign('amount', findAmounts(line.text));
  for (const word of line.words.filter((own) => !assigned.has(own))) {
    const column = textColumnAt(columns, word);
    if (!column) continue;
    const cell = byColumn.get(column) ?? { value: '', words: [] };
    cell.words.push(word);
    cell.value = cell.words.map(({ text }) => text).join(' ');
    byColumn.set(column, cell);
  }
  return columns.flatMap((column) => {
    const cell = byColumn.get(column);
    if (!cell) return [];
    const confidence =
      cell.words.reduce((sum, word) => sum + word.confidence, 0) / cell.words.length;
    const field = {
      name: column.name,
      value: cell.value,
      text: cell.words.map(({ text }) => text).join(' '),
      confidence: Math.round(confidence * 1000) / 1000,
      page: line.page,
      box: unionOf(cell.words.map(({ box }) => box)),
    };
    return [{ table: column.table, field }];
  });
}

/** The nearest column. Amounts are aligned with the right edge of their heading, dates with the left: the nearer edge counts. */
function nearest(columns: Column[], words: Word[]): Column | null {
  const [left, , right] = unionOf(words.map(({ box }) => box));
  const distance = ({ box }: Column) => Math.min(Math.abs(box[2] - right), Math.abs(box[0] - left));
  const column = columns.toSorted((a, b) => distance(a) - distance(b))[0];
  return column && distance(column) < 0.08 ? column : null;
}

/** The last text or number column that begins to the left of the word. */
function textColumnAt(columns: Column[], { box }: Word): Column | null {
  const middle = (box[0] + box[2]) / 2;
  const open = columns.filter(
    ({ kind, box: heading }) =>
      (kind === 'text' || kind === 'number') && heading[0] - 0.03 <= middle,
  );
  return open.at(-1) ?? null;
}
