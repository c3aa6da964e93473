import type { DocumentTypeRules } from './document-type-rules.ts';

/** A bank statement: transactions between two balances. */
export const bankStatement: DocumentTypeRules = {
  anchors: [
    {
      name: 'statement heading',
      pattern:
        /\b(statement of account|bank statement|account statement|extracto (de cuenta|bancario))\b/,
      weight: 4,
      heading: true,
    },
    {
      name: 'balance',
      pattern:
        /\b((opening|closing) balance|balance (brought|carried) forward|saldo (inicial|final|anterior))\b/,
      weight: 2,
    },
    {
      name: 'in and out',
      pattern: /\b(paid (in|out)|money (in|out)|withdrawals?|cargos?|abonos?|debe|haber)\b/,
      weight: 1.5,
    },
    {
      name: 'account',
      pattern: /\b(sort code|account (number|holder)|numero de cuenta|titular)\b/,
      weight: 1,
    },
    { name: 'iban', pattern: /\biban\b/, weight: 0.5 },
    { name: 'period', pattern: /\b(statement period|periodo del extracto)\b/, weight: 1 },
  ],
  otherLabels: [/\b(sort code|entidad y oficina|date|description|fecha|concepto)\b/],
  fields: [
    { name: 'account_holder', kind: 'name', label: /\b(account holder|account name|titular)\b:?/ },
    {
      name: 'account_number',
      kind: 'code',
      label: /\b(account (number|no)|numero de cuenta)\b\.?:?/,
      shape: /^[\d-]{6,20}$/,
    },
    { name: 'iban', kind: 'iban', label: /\biban\b:?/ },
    {
      name: 'period_start',
      kind: 'date',
      label: /\b(statement period|periodo( del extracto)?)\b:?/,
      choose: 'first',
    },
    {
      name: 'period_end',
      kind: 'date',
      label: /\b(statement period|periodo( del extracto)?)\b:?/,
      choose: 'last',
    },
    {
      name: 'opening_balance',
      kind: 'amount',
      label: /\b(opening balance|balance brought forward|saldo (inicial|anterior))\b:?/,
    },
    {
      name: 'closing_balance',
      kind: 'amount',
      label: /\b(closing balance|balance carried forward|saldo final)\b:?/,
    },
  ],
  tables: {
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
  dateOrder: ['period_start', 'period_end'],
};
