import type { ExtractedField } from '@casewire/contracts';

import type { Suspicion } from '../examination/suspicion.ts';
import {
  at,
  cents,
  certainValues,
  certaintyOf,
  type CrossCheck,
  money,
  type Statements,
} from './statements.ts';

export const sumChecks: CrossCheck[] = [
  {
    code: 'PAY_SUM_MISMATCH',
    appliesTo: ['payslip'],
    examine(statements) {
      const values = certainValues(statements.fields);
      const [gross, deductions, net] = ['gross_pay', 'total_deductions', 'net_pay'].map((name) =>
        values.get(name),
      );
      const tables = [
        unequal(
          statements,
          'PAY_SUM_MISMATCH',
          gross,
          sumOf(statements, 'earnings'),
          'the earnings',
        ),
        unequal(
          statements,
          'PAY_SUM_MISMATCH',
          deductions,
          sumOf(statements, 'deductions'),
          'the deductions',
        ),
      ];
      const difference = gross && deductions ? cents(gross) - cents(deductions) : null;
      return [
        ...tables,
        unequal(statements, 'PAY_SUM_MISMATCH', net, difference, 'gross pay less deductions'),
      ].flat();
    },
  },
  {
    code: 'INVOICE_SUM_MISMATCH',
    appliesTo: ['invoice'],
    examine(statements) {
      const values = certainValues(statements.fields);
      const [subtotal, tax, total] = ['subtotal', 'tax', 'total'].map((name) => values.get(name));
      const sum = subtotal && tax ? cents(subtotal) + cents(tax) : null;
      return [
        unequal(
          statements,
          'INVOICE_SUM_MISMATCH',
          subtotal,
          sumOf(statements, 'lines'),
          'the lines',
        ),
        unequal(statements, 'INVOICE_SUM_MISMATCH', total, sum, 'subtotal and tax'),
      ].flat();
    },
  },
];

/** The sum of a table's amounts, or null where recognition may have left some out. */
function sumOf({ rows, reading }: Statements, table: string): number | null {
  const cells = rows.filter((row) => row.table === table).flatMap((row) => row.cells);
  const amounts = cells.filter(({ name }) => name === 'amount');
  const whole = reading.pages.every(({ source }) => source === 'text');
  if (amounts.length === 0 || !whole) return null;
  return amounts.reduce((sum, amount) => sum + cents(amount), 0);
}

function unequal(
  { reading }: Statements,
  code: string,
  field: ExtractedField | undefined,
  expected: number | null,
  source: string,
): Suspicion[] {
  if (!field || expected === null || cents(field) === expected) return [];
  const explanation = `This amount is ${field.text}, ${source} give ${money(expected)}.`;
  const confidence = certaintyOf(reading, field.page);
  return [{ code, severity: 'high', confidence, ...at(field), explanation }];
}
