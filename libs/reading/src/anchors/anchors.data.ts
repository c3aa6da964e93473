import type { DocumentType } from '@casewire/contracts';

/** Something that tells what a document is, and how much. */
export interface Anchor {
  name: string;
  /** Looked for in each line, in lower case without accents. */
  pattern: RegExp;
  weight: number;
  /** Only on a short line in the upper part of the first page: a letter may well speak of an invoice. */
  heading?: boolean;
}

type KnownType = Exclude<DocumentType, 'unknown'>;

/** Weighs as much as a heading with two labels: a sound zone is hardly ever anything else. */
export const zoneWeight = 6;

/** Below this nothing is said. */
export const leastWeight = 4;

/** English and Spanish wording; French and German headings where a document is often bilingual. */
export const anchors: Record<KnownType, Anchor[]> = {
  passport: [
    {
      name: 'passport heading',
      pattern: /\b(passport|pasaporte|passeport|reisepass)\b/,
      weight: 3,
      heading: true,
    },
    { name: 'passport number', pattern: /\bpassport (no|number|nr)\b|\bpasaporte n/, weight: 1.5 },
    { name: 'given names', pattern: /\b(given names?|prenoms|nombres?)\b\s*(\/|$)/, weight: 0.75 },
    {
      name: 'nationality',
      pattern: /\b(nationality|nacionalidad|nationalite)\b\s*(\/|$)/,
      weight: 0.5,
    },
    { name: 'place of birth', pattern: /\b(place of birth|lugar de nacimiento)\b/, weight: 0.5 },
    {
      name: 'date of expiry',
      pattern: /\b(date of expiry|fecha de caducidad|expiration date)\b/,
      weight: 0.75,
    },
    {
      name: 'issuing authority',
      pattern: /\b(authority|autoridad|code of state|issuing state)\b/,
      weight: 0.5,
    },
  ],
  payslip: [
    {
      name: 'payslip heading',
      pattern:
        /\b(pay ?slip|payslip|pay statement|earnings statement|nomina|recibo de salarios?)\b/,
      weight: 4,
      heading: true,
    },
    {
      name: 'net pay',
      pattern: /\b(net pay|take home pay|liquido (total )?a percibir|total liquido)\b/,
      weight: 2.5,
    },
    {
      name: 'social insurance or tax',
      pattern:
        /\b(national insurance|ni number|paye|tax code|seguridad social|irpf|contingencias comunes)\b/,
      weight: 1.5,
    },
    {
      name: 'employee',
      pattern: /\b(employee( (no|number|id))?|trabajadora?|empleado)\b/,
      weight: 1,
    },
    {
      name: 'earnings',
      pattern: /\b(total earnings|gross pay|basic salary|devengos|total devengado|salario base)\b/,
      weight: 1.25,
    },
    {
      name: 'deductions',
      pattern: /\b(total deductions|deductions|deducciones|total a deducir)\b/,
      weight: 1.25,
    },
  ],
  bank_statement: [
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
  invoice: [
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
  birth_certificate: [
    {
      name: 'certificate heading',
      pattern:
        /\b(certificate of birth|birth certificate|certificacion (literal |en extracto )?de nacimiento|partida de nacimiento)\b/,
      weight: 5,
      heading: true,
    },
    {
      name: 'register',
      pattern: /\b(registro civil|registrar|register office|registration district)\b/,
      weight: 1.5,
    },
    {
      name: 'parents',
      pattern:
        /\b(datos (del padre|de la madre)|name of (father|mother)|father'?s name|mother'?s name)\b/,
      weight: 1.5,
    },
    {
      name: 'the registered',
      pattern: /\b(datos del inscrito|primer apellido|segundo apellido)\b/,
      weight: 1.25,
    },
    { name: 'volume and page', pattern: /\b(tomo|folio)\b/, weight: 0.75 },
    {
      name: 'time of birth',
      pattern: /\b(hora de nacimiento|time of birth|date and place of birth)\b/,
      weight: 1,
    },
  ],
};
