import type { DocumentType } from '@casewire/contracts';

export interface ColumnRule {
  name: string;
  /** Its heading, in lower case without accents. */
  heading: RegExp;
  /** date and amount columns hold nothing else; text and number take the rest. */
  kind: 'date' | 'amount' | 'number' | 'text';
}

/** One or more tables that share a line of headings, from left to right. */
export interface TableRule {
  tables: { name: string; columns: ColumnRule[]; needs: string[] }[];
  /** A line that is no row any more. */
  end: RegExp;
}

export const tableRules: Partial<Record<DocumentType, TableRule>> = {
  bank_statement: {
    tables: [
      {
        name: 'transactions',
        needs: ['date', 'balance'],
        columns: [
          { name: 'date', heading: /\b(date|fecha)\b/, kind: 'date' },
          {
            name: 'description',
            heading: /\b(description|details|concepto|descripcion)\b/,
            kind: 'text',
          },
          {
            name: 'paid_out',
            heading: /\b(paid out|money out|withdrawals?|debit|cargos?|debe)\b/,
            kind: 'amount',
          },
          {
            name: 'paid_in',
            heading: /\b(paid in|money in|deposits?|credit|abonos?|haber)\b/,
            kind: 'amount',
          },
          { name: 'balance', heading: /\b(balance|saldo)\b/, kind: 'amount' },
        ],
      },
    ],
    end: /\b(closing balance|balance carried forward|saldo final)\b/,
  },
  payslip: {
    tables: [
      {
        name: 'earnings',
        needs: ['description', 'amount'],
        columns: [
          { name: 'description', heading: /\b(earnings|payments?|devengos)\b/, kind: 'text' },
          { name: 'hours', heading: /\b(hours|units|horas)\b/, kind: 'number' },
          { name: 'amount', heading: /\b(amount|importe)\b/, kind: 'amount' },
        ],
      },
      {
        name: 'deductions',
        needs: ['description', 'amount'],
        columns: [
          { name: 'description', heading: /\b(deductions|deducciones)\b/, kind: 'text' },
          { name: 'amount', heading: /\b(amount|importe)\b/, kind: 'amount' },
        ],
      },
    ],
    end: /\b(total earnings|gross pay|total devengado|total a deducir|net pay)\b/,
  },
  invoice: {
    tables: [
      {
        name: 'lines',
        needs: ['description', 'amount'],
        columns: [
          {
            name: 'description',
            heading: /\b(description|item|descripcion|concepto)\b/,
            kind: 'text',
          },
          { name: 'quantity', heading: /\b(quantity|qty|cantidad)\b/, kind: 'number' },
          {
            name: 'unit_price',
            heading: /\b(unit price|price|precio unitario|precio)\b/,
            kind: 'amount',
          },
          { name: 'amount', heading: /\b(amount|total|importe)\b/, kind: 'amount' },
        ],
      },
    ],
    end: /\b(sub ?total|base imponible|total due|total a pagar)\b/,
  },
};
