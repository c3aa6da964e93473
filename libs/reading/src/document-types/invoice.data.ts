import type { DocumentTypeRules } from './document-type-rules.ts';

/** An invoice: lines, subtotal, tax and total. */
export const invoice: DocumentTypeRules = {
  anchors: [
    {
      name: 'invoice heading',
      pattern: /\b((tax )?invoice|factura|facture|rechnung)\b/,
      weight: 3.5,
      heading: true,
    },
    {
      name: 'invoice number or date',
      pattern: /\b(invoice (no|number|date)|(numero|fecha) de factura|n.? de factura)\b/,
      weight: 2.5,
    },
    { name: 'tax', pattern: /\b(vat|iva|gst)\b/, weight: 1 },
    { name: 'subtotal', pattern: /\b(sub ?total|base imponible)\b/, weight: 1.25 },
    {
      name: 'total to be paid',
      pattern: /\b(total due|amount due|balance due|total a pagar|importe total)\b/,
      weight: 1.25,
    },
    {
      name: 'terms',
      pattern: /\b(due date|payment terms|bill to|fecha de vencimiento|facturar a|forma de pago)\b/,
      weight: 1,
    },
  ],
  otherLabels: [
    /\b(description|quantity|unit price|amount|descripcion|cantidad|precio unitario|importe|payment terms|forma de pago)\b/,
  ],
  fields: [
    { name: 'supplier', kind: 'text', headline: true },
    {
      name: 'customer',
      kind: 'name',
      label: /\b(bill to|billed to|invoice to|facturar a|cliente)\b:?/,
      place: 'below',
    },
    {
      name: 'invoice_number',
      kind: 'code',
      label: /\b(invoice (no|number)|numero de factura|n[o°º.]{0,2} ?(de )?factura)\b\.?:?/,
      shape: /^(?=.*\d)[A-Z0-9/-]{2,30}$/,
    },
    {
      name: 'invoice_date',
      kind: 'date',
      label: /\b(invoice date|date of issue|fecha de factura|fecha de emision)\b:?/,
    },
    {
      name: 'due_date',
      kind: 'date',
      label: /\b(due date|payment due|fecha de vencimiento|vencimiento)\b:?/,
    },
    { name: 'subtotal', kind: 'amount', label: /\b(sub ?total|base imponible)\b:?/ },
    { name: 'tax', kind: 'amount', label: /\b(vat|iva)\b( ?\d+([.,]\d+)? ?%)?:?/ },
    {
      name: 'total',
      kind: 'amount',
      label: /\b(total due|amount due|grand total|total a pagar|importe total)\b:?/,
    },
    { name: 'iban', kind: 'iban', label: /\biban\b:?/ },
    {
      name: 'vat_number',
      kind: 'code',
      label: /\b(vat (number|no|reg)|nif|cif)\b\.?:?/,
      shape: /^(?=.*\d)[A-Z0-9-]{8,14}$/,
    },
  ],
  tables: {
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
  dateOrder: ['invoice_date', 'due_date'],
};
