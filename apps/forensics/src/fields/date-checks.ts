import { finding } from '../findings/finding.ts';
import { certainValues, type FieldCheck, placeOf, words } from './field-check.ts';

export const dateChecks: FieldCheck[] = [
  {
    code: 'DATES_OUT_OF_ORDER',
    requires: { dateOrder: true },
    run({ fields, reading }, { dateOrder = [] }) {
      const values = certainValues(fields);
      const dates = dateOrder.flatMap((name) => values.get(name) ?? []);
      if (dates.length < 2) return null;
      return dates.slice(1).flatMap((later, i) => {
        const earlier = dates[i]!;
        if (earlier.value <= later.value) return [];
        return finding('DATES_OUT_OF_ORDER', placeOf(reading, later), {
          earlier: { name: words(earlier.name), value: earlier.value },
          later: { name: words(later.name), value: later.value },
        });
      });
    },
  },
  {
    code: 'TRANSACTION_OUTSIDE_PERIOD',
    requires: { table: 'transactions', fields: ['period_start', 'period_end'] },
    run({ fields, rows, reading }) {
      const values = certainValues(fields);
      const [start, end] = [values.get('period_start'), values.get('period_end')];
      if (!start || !end) return null;
      const dates = rows.flatMap(({ cells }) => certainValues(cells).get('date') ?? []);
      if (dates.length === 0) return null;
      const outside = dates.find(({ value }) => value < start.value || value > end.value);
      if (!outside) return [];
      const facts = { date: outside.value, start: start.value, end: end.value };
      return [finding('TRANSACTION_OUTSIDE_PERIOD', placeOf(reading, outside), facts)];
    },
  },
];
