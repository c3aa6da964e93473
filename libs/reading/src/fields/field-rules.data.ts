import type { DocumentType } from '@casewire/contracts';

export type ValueKind = 'text' | 'name' | 'date' | 'amount' | 'code' | 'iban' | 'sex' | 'time';

/** Where a field's value stands and what it looks like. */
export interface FieldRule {
  name: string;
  kind: ValueKind;
  /** Its label, in lower case without accents; the value follows it, or stands below it. */
  label?: RegExp;
  /** Tried first; the other one after it. */
  place?: 'right' | 'below';
  /** Where several values of the kind follow the label. */
  take?: 'first' | 'last';
  /** Only below this heading, down to the next heading of the same rules. */
  section?: string;
  /** No label: the first line of the page that is no heading. */
  headline?: boolean;
  /** For codes: what the whole value has to look like. */
  shape?: RegExp;
}

export interface DocumentRules {
  /** Headings that divide the document. */
  sections?: Record<string, RegExp>;
  /** Labels that are no field of ours but end the value before them. */
  otherLabels?: RegExp[];
  fields: FieldRule[];
}

type KnownType = Exclude<DocumentType, 'unknown'>;

export const fieldRules: Record<KnownType, DocumentRules> = {
  // What the machine-readable zone says too is compared with it, see passport-fields.ts.
  passport: {
    otherLabels: [/\b(type|tipo|code of state|authority|autoridad|personal no)\b/],
    fields: [
      { name: 'surname', kind: 'name', label: /^(surname|apellidos?|nom)\b.*$/, place: 'below' },
      {
        name: 'given_names',
        kind: 'name',
        label: /^(given names?|nombres?|prenoms)\b.*$/,
        place: 'below',
      },
      {
        name: 'document_number',
        kind: 'code',
        label: /\b(passport|pasaporte) n(o|um)?\b\.?/,
        place: 'below',
        shape: /^[A-Z0-9]{6,9}$/,
      },
      {
        name: 'date_of_birth',
        kind: 'date',
        label: /\b(date of birth|fecha de nacimiento)\b/,
        place: 'below',
      },
      { name: 'sex', kind: 'sex', label: /\b(sex|sexo)\b/, place: 'below' },
      {
        name: 'place_of_birth',
        kind: 'name',
        label: /\b(place of birth|lugar de nacimiento)\b/,
        place: 'below',
      },
      {
        name: 'date_of_issue',
        kind: 'date',
        label: /\b(date of issue|fecha de expedicion)\b/,
        place: 'below',
      },
      {
        name: 'date_of_expiry',
        kind: 'date',
        label: /\b(date of expiry|fecha de caducidad)\b/,
        place: 'below',
      },
    ],
  },
  payslip: {
    otherLabels: [
      /\b(ni number|department|tax period|tax code|pay method|earnings|hours|deductions|amount)\b/,
      /\b(no?\.? seguridad social|departamento|periodo|grupo|forma de pago|devengos|horas|deducciones|importe)\b/,
    ],
    fields: [
      { name: 'employer', kind: 'text', headline: true },
      {
        name: 'employee_name',
        kind: 'name',
        label: /\b(employee name|employee(?! ?(no|number|id)\b)|trabajadora?|empleada?o?(?= ))\b:?/,
      },
      {
        name: 'employee_number',
        kind: 'code',
        label: /(\bemployee ?(no|number|id)\b\.?|\bn\S{0,2} ?(de )?empleado\b):?/,
        shape: /^[A-Z0-9-]{3,20}$/,
      },
      { name: 'pay_date', kind: 'date', label: /\b(pay date|payment date|fecha de pago)\b:?/ },
      {
        name: 'gross_pay',
        kind: 'amount',
        label: /\b(total earnings|gross pay|total gross|total devengado)\b:?/,
      },
      {
        name: 'total_deductions',
        kind: 'amount',
        label: /\b(total deductions|total a deducir|total deducciones)\b:?/,
      },
      {
        name: 'net_pay',
        kind: 'amount',
        label: /\b(net pay|take home pay|liquido (total )?a percibir|total liquido)\b:?/,
      },
    ],
  },
  bank_statement: {
    otherLabels: [/\b(sort code|entidad y oficina|date|description|fecha|concepto)\b/],
    fields: [
      {
        name: 'account_holder',
        kind: 'name',
        label: /\b(account holder|account name|titular)\b:?/,
      },
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
        take: 'first',
      },
      {
        name: 'period_end',
        kind: 'date',
        label: /\b(statement period|periodo( del extracto)?)\b:?/,
        take: 'last',
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
  },
  invoice: {
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
  },
  birth_certificate: {
    sections: {
      registered: /^datos del inscrito/,
      father: /^datos del padre/,
      mother: /^datos de la madre/,
      clauses: /^la presente certificacion/,
    },
    otherLabels: [/\b(folio|mes|ano|seccion|estado civil|nacionalidad|profesion)\b/],
    fields: [
      {
        name: 'given_names',
        kind: 'name',
        label: /^(nombre|given names?)\b:?/,
        section: 'registered',
      },
      { name: 'first_surname', kind: 'name', label: /^primer apellido\b:?/, section: 'registered' },
      {
        name: 'second_surname',
        kind: 'name',
        label: /^segundo apellido\b:?/,
        section: 'registered',
      },
      { name: 'sex', kind: 'sex', label: /^(sexo|sex)\b:?/, section: 'registered' },
      {
        name: 'date_of_birth',
        kind: 'date',
        label: /^(dia|fecha de nacimiento|date of birth)\b:?/,
        section: 'registered',
      },
      {
        name: 'time_of_birth',
        kind: 'time',
        label: /^hora( de nacimiento)?\b:?/,
        section: 'registered',
      },
      {
        name: 'place_of_birth',
        kind: 'text',
        label: /^(lugar( de nacimiento)?|place of birth)\b:?/,
        section: 'registered',
      },
      { name: 'father_name', kind: 'name', label: /^nombre\b:?/, section: 'father' },
      { name: 'mother_name', kind: 'name', label: /^nombre\b:?/, section: 'mother' },
      { name: 'volume', kind: 'code', label: /\btomo\b:?/, shape: /^\d{1,6}$/ },
      { name: 'page', kind: 'code', label: /\bpagina\b:?/, shape: /^\d{1,5}$/ },
      { name: 'issued_on', kind: 'date', label: /^[a-z ]+, a (?=[a-z]+)/, section: 'clauses' },
    ],
  },
};
