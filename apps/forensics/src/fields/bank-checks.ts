import { type ExtractedRow, isIban } from '@casewire/reading';

import type { Suspicion } from '../examination/suspicion.ts';
import { at, cents, certainValues, certaintyOf, type CrossCheck, money } from './statements.ts';

const most = 3;

export const bankChecks: CrossCheck[] = [
  {
    code: 'IBAN_INVALID',
    appliesTo: ['bank_statement', 'invoice'],
    examine({ fields, reading }) {
      const iban = certainValues(fields).get('iban');
      if (!iban || isIban(iban.value)) return [];
      return [
        {
          code: 'IBAN_INVALID',
          severity: 'medium',
          confidence: certaintyOf(reading, iban.page),
          ...at(iban),
          explanation: `The check digits of the account number ${iban.text} do not hold.`,
        },
      ];
    },
  },
  {
    code: 'BALANCE_MISMATCH',
    appliesTo: ['bank_statement'],
    examine({ fields, rows, reading }) {
      const suspicions: Suspicion[] = [];
      const values = certainValues(fields);
      const opening = values.get('opening_balance');
      let balance = opening ? cents(opening) : null;
      const missing = missingBefore(rows);
      for (const [index, { cells }] of rows.entries()) {
        if (missing.has(index)) balance = null;
        const row = certainValues(cells);
        const printed = row.get('balance');
        const [paidIn, paidOut] = [row.get('paid_in'), row.get('paid_out')];
        const known = cells.every((cell) => row.has(cell.name)) && (paidIn ?? paidOut);
        const expected =
          balance !== null && known
            ? balance + (paidIn ? cents(paidIn) : 0) - (paidOut ? cents(paidOut) : 0)
            : null;
        if (printed && expected !== null && cents(printed) !== expected) {
          suspicions.push(
            mismatch(
              printed,
              `The balance of this line is ${printed.text}, the line before and the amount give ${money(expected)}.`,
            ),
          );
        }
        balance = printed ? cents(printed) : null;
      }
      const closing = values.get('closing_balance');
      if (closing && balance !== null && rows.length > 0 && cents(closing) !== balance) {
        suspicions.push(
          mismatch(
            closing,
            `The closing balance is ${closing.text}, the last line gives ${money(balance)}.`,
          ),
        );
      }
      return suspicions.slice(0, most);

      function mismatch(
        field: { page: number; box: Suspicion['box'] },
        explanation: string,
      ): Suspicion {
        const confidence = certaintyOf(reading, field.page);
        const { page, box } = field;
        return { code: 'BALANCE_MISMATCH', severity: 'high', confidence, page, box, explanation };
      }
    },
  },
];

/** Rows before which the table has a gap: recognition may have left a line out, so nothing follows from the one before it. */
function missingBefore(rows: readonly ExtractedRow[]): Set<number> {
  const tops = rows.map(({ cells }) => Math.min(...cells.map(({ box }) => box[1])));
  const gaps = tops.slice(1).map((top, i) => top - tops[i]!);
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0;
  return new Set(gaps.flatMap((gap, i) => (gap > usual * 1.6 ? [i + 1] : [])));
}
