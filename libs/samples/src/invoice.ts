import { bankAccount, grouped } from './iban.ts';
import {
  addressOf,
  amount,
  companies,
  fullName,
  isoDate,
  type Language,
  longDate,
  person,
  plainAmount,
  slashDate,
} from './names-and-formats.ts';
import { a4, PdfPage } from './pdf-page.ts';
import { between, cents, day, digits, pick, type Random } from './random.ts';
import type { Drawing } from './sample.ts';

const words = {
  en: {
    title: 'INVOICE',
    number: 'Invoice number',
    date: 'Invoice date',
    due: 'Due date',
    billTo: 'Bill to',
    vat: 'VAT number',
    columns: ['Description', 'Quantity', 'Unit price', 'Amount'],
    goods: [
      'Pallet transport',
      'Storage per week',
      'Handling charge',
      'Customs forms',
      'Fuel surcharge',
      'Consulting hours',
    ],
    subtotal: 'Subtotal',
    tax: 'VAT 20%',
    total: 'Total due',
    terms: 'Payment terms: 30 days',
  },
  es: {
    title: 'FACTURA',
    number: 'Número de factura',
    date: 'Fecha de factura',
    due: 'Fecha de vencimiento',
    billTo: 'Facturar a',
    vat: 'NIF',
    columns: ['Descripción', 'Cantidad', 'Precio unitario', 'Importe'],
    goods: [
      'Transporte de palés',
      'Almacenaje semanal',
      'Gastos de gestión',
      'Trámites de aduana',
      'Recargo combustible',
      'Horas de consultoría',
    ],
    subtotal: 'Base imponible',
    tax: 'IVA 21%',
    total: 'Total a pagar',
    terms: 'Forma de pago: transferencia a 30 días',
  },
};

/** An invoice on A4 with correct sums. */
export async function drawInvoice(random: Random, language: Language): Promise<Drawing> {
  const word = words[language];
  const money = (value: number) => amount(value, language);
  const supplier = pick(random, companies[language]);
  const customer = fullName(person(random, language), language);
  const number = `INV-${between(random, 2024, 2026)}-${digits(random, 5)}`;
  const date = day(random, 2024, 2026);
  const due = new Date(date.getTime() + 30 * 86_400_000);
  const account = bankAccount(random, language === 'en' ? 'GB' : 'ES');
  const vat = language === 'en' ? `GB${digits(random, 9)}` : `B${digits(random, 8)}`;

  const page = await PdfPage.create({
    size: a4,
    title: word.title,
    producer: 'LedgerPrint 2.0',
    created: date,
  });
  page.text(supplier, 48, 60, 15, 'sansBold');
  page.text(addressOf(random, language), 48, 76, 9);
  page.text(`${word.vat} ${vat}`, 48, 89, 9);
  page.textRight(word.title, 548, 60, 20, 'sansBold');
  const facts: [string, string][] = [
    [word.number, number],
    [word.date, random() < 0.5 ? slashDate(date) : longDate(date, language)],
    [word.due, slashDate(due)],
  ];
  facts.forEach(([label, value], i) => {
    page.text(label, 330, 96 + i * 16, 9.5, 'sansBold');
    page.text(value, 448, 96 + i * 16, 9.5);
  });
  page.text(word.billTo, 48, 132, 9.5, 'sansBold');
  page.text(customer, 48, 147, 10);
  page.text(addressOf(random, language), 48, 161, 9.5);
  let y = 208;
  const columns = [48, 360, 450, 548];
  page.paint({ x: 42, y: y - 14, width: 512, height: 20 }, [0.9, 0.9, 0.92]);
  word.columns.forEach((heading, i) =>
    i
      ? page.textRight(heading, columns[i]!, y, 9.5, 'sansBold')
      : page.text(heading, columns[i]!, y, 9.5, 'sansBold'),
  );
  let subtotal = 0;
  for (let i = between(random, 3, 6); i > 0; i--) {
    y += 20;
    const quantity = between(random, 1, 12);
    const price = cents(random, 12, 240);
    subtotal += quantity * price;
    page.text(pick(random, word.goods), columns[0]!, y, 9.5);
    page.textRight(String(quantity), columns[1]!, y, 9.5);
    page.textRight(money(price), columns[2]!, y, 9.5);
    page.textRight(money(quantity * price), columns[3]!, y, 9.5);
  }
  const tax = Math.round(subtotal * (language === 'en' ? 0.2 : 0.21));
  const sums: [string, number][] = [
    [word.subtotal, subtotal],
    [word.tax, tax],
    [word.total, subtotal + tax],
  ];
  y += 14;
  for (const [label, value] of sums) {
    y += 18;
    page.text(label, 380, y, 10, 'sansBold');
    page.textRight(money(value), 548, y, 10, 'sansBold');
  }
  page.text(word.terms, 48, y + 50, 9);
  page.text(`IBAN ${grouped(account.iban)}`, 48, y + 64, 9);

  return {
    pdf: await page.bytes(),
    truth: {
      documentType: 'invoice',
      language,
      text: page.printed,
      fields: {
        supplier,
        customer,
        invoice_number: number,
        invoice_date: isoDate(date),
        due_date: isoDate(due),
        subtotal: plainAmount(subtotal),
        tax: plainAmount(tax),
        total: plainAmount(subtotal + tax),
        iban: account.iban,
        vat_number: vat,
      },
    },
  };
}
