import type { ExtractedField } from '@casewire/contracts';
import { type ExtractedRow, isIban } from '@casewire/reading';

import { finding, type FindingDraft } from '../findings/finding.ts';
import {
  cents,
  certainValues,
  type FieldCheck,
  type FieldCheckInput,
  money,
  placeOf,
} from './field-check.ts';

/** One wrong balance often makes others wrong: at most this many are reported. */
const maximumFindings = 3;

export const bankChecks: FieldCheck[] = [
  {
    code: 'IBAN_INVALID',
    requires: { fields: ['iban'] },
    run({ fields, reading }) {
      const iban = certainValues(fields).get('iban');
      if (!iban) return null;
      if (isIban(iban.value)) return [];
      return [finding('IBAN_INVALID', placeOf(reading, iban), { iban: iban.text })];
    },
  },
  {
    code: 'BALANCE_MISMATCH',
    requires: { table: 'transactions', fields: ['opening_balance', 'closing_balance'] },
    run: wrongBalances,
  },
];

/** Compares the balance of each row with the balance before it and the amounts of the row; null if none can be compared. */
function wrongBalances({ fields, rows, reading }: FieldCheckInput): FindingDraft[] | null {
  const findings: FindingDraft[] = [];
  const values = certainValues(fields);
  const opening = values.get('opening_balance');
  let balance = opening ? cents(opening) : null;
  let compared = 0;
  const incomplete = rowsAfterGap(rows);
  for (const [index, { cells }] of rows.entries()) {
    if (incomplete.has(index)) balance = null;
    const row = certainValues(cells);
    const printed = row.get('balance');
    const [paidIn, paidOut] = [row.get('paid_in'), row.get('paid_out')];
    const known = cells.every((cell) => row.has(cell.name)) && (paidIn ?? paidOut);
    const expected =
      balance !== null && known
        ? balance + (paidIn ? cents(paidIn) : 0) - (paidOut ? cents(paidOut) : 0)
        : null;
    if (printed && expected !== null) {
      compared++;
      findings.push(...balanceFinding(printed, expected, 'line', reading));
    }
    balance = printed ? cents(printed) : null;
  }
  const closing = values.get('closing_balance');
  if (closing && balance !== null && rows.length > 0) {
    compared++;
    findings.push(...balanceFinding(closing, balance, 'closing', reading));
  }
  return compared > 0 ? findings.slice(0, maximumFindings) : null;
}

function balanceFinding(
  printed: ExtractedField,
  expected: number,
  of: 'line' | 'closing',
  reading: FieldCheckInput['reading'],
): FindingDraft[] {
  if (cents(printed) === expected) return [];
  const facts = { printed: printed.text, expected: money(expected), of };
  return [finding('BALANCE_MISMATCH', placeOf(reading, printed), facts)];
}

/** Rows after a gap in the table: recognition may have missed a line there, so the row before says nothing about them. */
function rowsAfterGap(rows: readonly ExtractedRow[]): Set<number> {
  const tops = rows.map(({ cells }) => Math.min(...cells.map(({ box }) => box[1])));
  const gaps = tops.slice(1).map((top, i) => top - tops[i]!);
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0;
  return new Set(gaps.flatMap((gap, i) => (gap > usual * 1.6 ? [i + 1] : [])));
}
