import type { ExtractedField } from '@casewire/contracts';

import { finding, type FindingDraft } from '../findings/finding.ts';
import {
  cents,
  certainValues,
  type FieldCheck,
  type FieldCheckInput,
  money,
  placeOf,
} from './field-check.ts';

export const sumChecks: FieldCheck[] = [
  {
    code: 'PAY_SUM_MISMATCH',
    requires: { fields: ['gross_pay', 'total_deductions', 'net_pay'] },
    run(input) {
      const values = certainValues(input.fields);
      const [gross, deductions, net] = ['gross_pay', 'total_deductions', 'net_pay'].map((name) =>
        values.get(name),
      );
      const difference = gross && deductions ? cents(gross) - cents(deductions) : null;
      const compare = compareFor('PAY_SUM_MISMATCH', input);
      return joined(
        compare(gross, sumOf(input, 'earnings'), 'the earnings'),
        compare(deductions, sumOf(input, 'deductions'), 'the deductions'),
        compare(net, difference, 'gross pay less deductions'),
      );
    },
  },
  {
    code: 'INVOICE_SUM_MISMATCH',
    requires: { fields: ['subtotal', 'tax', 'total'] },
    run(input) {
      const values = certainValues(input.fields);
      const [subtotal, tax, total] = ['subtotal', 'tax', 'total'].map((name) => values.get(name));
      const sum = subtotal && tax ? cents(subtotal) + cents(tax) : null;
      const compare = compareFor('INVOICE_SUM_MISMATCH', input);
      return joined(
        compare(subtotal, sumOf(input, 'lines'), 'the lines'),
        compare(total, sum, 'subtotal and tax'),
      );
    },
  },
];

/** The sum of a table's amounts in cents, or null where recognition may have missed some of them. */
function sumOf({ rows, reading }: FieldCheckInput, table: string): number | null {
  const cells = rows.filter((row) => row.table === table).flatMap((row) => row.cells);
  const amounts = cells.filter(({ name }) => name === 'amount');
  const complete = reading.pages.every(({ source }) => source === 'text');
  if (amounts.length === 0 || !complete) return null;
  return amounts.reduce((sum, amount) => sum + cents(amount), 0);
}

/** The findings of comparisons of which at least one was made; null if none was. */
function joined(...comparisons: (FindingDraft[] | null)[]): FindingDraft[] | null {
  const made = comparisons.filter((findings) => findings !== null);
  return made.length > 0 ? made.flat() : null;
}

const compareFor =
  (code: 'PAY_SUM_MISMATCH' | 'INVOICE_SUM_MISMATCH', { reading }: FieldCheckInput) =>
  (
    field: ExtractedField | undefined,
    expected: number | null,
    source: string,
  ): FindingDraft[] | null => {
    if (!field || expected === null) return null;
    if (cents(field) === expected) return [];
    const facts = { printed: field.text, expected: money(expected), source };
    return [finding(code, placeOf(reading, field), facts)];
  };
