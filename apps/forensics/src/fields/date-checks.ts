import { at, certainValues, certaintyOf, type CrossCheck } from './statements.ts';

/** Names of dates that follow each other, by type of document. */
const orders = {
  passport: ['date_of_birth', 'date_of_issue', 'date_of_expiry'],
  bank_statement: ['period_start', 'period_end'],
  invoice: ['invoice_date', 'due_date'],
  birth_certificate: ['date_of_birth', 'issued_on'],
} as const;

export const dateChecks: CrossCheck[] = [
  {
    code: 'DATES_OUT_OF_ORDER',
    appliesTo: ['passport', 'bank_statement', 'invoice', 'birth_certificate'],
    examine({ documentType, fields, reading }) {
      const values = certainValues(fields);
      const names = orders[documentType as keyof typeof orders];
      const dates = names.flatMap((name) => values.get(name) ?? []);
      return dates.slice(1).flatMap((later, i) => {
        const earlier = dates[i]!;
        if (earlier.value <= later.value) return [];
        return [
          {
            code: 'DATES_OUT_OF_ORDER',
            severity: 'medium' as const,
            confidence: certaintyOf(reading, later.page),
            ...at(later),
            explanation: `${later.value} (${words(later.name)}) lies before ${earlier.value} (${words(earlier.name)}).`,
          },
        ];
      });
    },
  },
  {
    code: 'TRANSACTION_OUTSIDE_PERIOD',
    appliesTo: ['bank_statement'],
    examine({ fields, rows, reading }) {
      const values = certainValues(fields);
      const [start, end] = [values.get('period_start'), values.get('period_end')];
      if (!start || !end) return [];
      const outside = rows
        .flatMap(({ cells }) => certainValues(cells).get('date') ?? [])
        .find(({ value }) => value < start.value || value > end.value);
      if (!outside) return [];
      return [
        {
          code: 'TRANSACTION_OUTSIDE_PERIOD',
          severity: 'medium',
          confidence: certaintyOf(reading, outside.page),
          ...at(outside),
          explanation: `The transaction of ${outside.value} lies outside the period ${start.value} to ${end.value}.`,
        },
      ];
    },
  },
];

const words = (name: string) => name.replaceAll('_', ' ');
