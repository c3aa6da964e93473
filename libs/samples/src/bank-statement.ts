import { bankAccount, grouped } from './iban.ts';
import {
  amount,
  fullName,
  isoDate,
  type Language,
  months,
  person,
  plainAmount,
  slashDate,
} from './names-and-formats.ts';
import { a4, type Rectangle, PdfPage } from './pdf-page.ts';
import { between, cents, pick, type Random } from './random.ts';
import type { Drawing } from './sample.ts';

const words = {
  en: {
    bank: 'Banco Meridian plc',
    title: 'Statement of Account',
    holder: 'Account holder',
    sortCode: 'Sort code',
    number: 'Account number',
    period: ['Statement period', 'to'],
    opening: 'Opening balance',
    closing: 'Closing balance',
    columns: ['Date', 'Description', 'Paid out', 'Paid in', 'Balance'],
    spending: [
      'TESCO STORES 3391',
      'TFL TRAVEL CHARGE',
      'OCTOPUS ENERGY',
      'STANDING ORDER RENT',
      'AMAZON MKTPLACE',
      'CASH WITHDRAWAL HIGH ST',
      'VODAFONE LTD',
    ],
    income: 'SALARY ACME LOGISTICS',
  },
  es: {
    bank: 'Banco Meridiano S.A.',
    title: 'Extracto de cuenta',
    holder: 'Titular',
    sortCode: 'Entidad y oficina',
    number: 'Número de cuenta',
    period: ['Periodo del extracto', 'al'],
    opening: 'Saldo inicial',
    closing: 'Saldo final',
    columns: ['Fecha', 'Concepto', 'Cargos', 'Abonos', 'Saldo'],
    spending: [
      'SUPERMERCADO 3391',
      'RECIBO ELECTRICIDAD',
      'TRANSFERENCIA ALQUILER',
      'COMPRA TARJETA',
      'CAJERO CALLE MAYOR',
      'RECIBO TELEFONO',
    ],
    income: 'NOMINA TRANSPORTES',
  },
};

export interface DrawnStatement extends Drawing {
  /** The printed closing balance and its place. */
  closing: { box: [number, number, number, number]; area: Rectangle; text: string };
}

export interface StatementChange {
  /** Added to the printed closing balance, in cents: it contradicts the rows. */
  closingBy: number;
}

const columns = [48, 120, 380, 462, 548] as const;

/** A statement of one month whose rows lead from the opening to the closing balance. */
export async function drawBankStatement(
  random: Random,
  language: Language,
  change: StatementChange = { closingBy: 0 },
): Promise<DrawnStatement> {
  const word = words[language];
  const money = (value: number) => amount(value, language);
  const account = bankAccount(random, language === 'en' ? 'GB' : 'ES');
  const holder = fullName(person(random, language), language);
  const year = between(random, 2024, 2026);
  const month = between(random, 0, 11);
  const first = new Date(Date.UTC(year, month, 1));
  const last = new Date(Date.UTC(year, month + 1, 0));
  const opening = cents(random, 1200, 4800);

  const page = await PdfPage.create({
    size: a4,
    title: word.title,
    producer: 'StatementWorks 4.2',
    created: last,
  });
  page.text(word.bank, 48, 56, 16, 'sansBold');
  page.textRight(word.title, 548, 56, 13, 'sansBold');
  page.text(`${word.holder}: ${holder}`, 48, 92, 9.5);
  page.text(`${word.sortCode} ${account.sortCode}`, 48, 108, 9.5);
  page.text(`${word.number} ${account.number}`, 220, 108, 9.5);
  page.text(`IBAN ${grouped(account.iban)}`, 48, 124, 9.5);
  page.text(
    `${word.period[0]} ${slashDate(first)} ${word.period[1]} ${slashDate(last)}`,
    48,
    140,
    9.5,
  );
  page.text(`${word.opening} ${money(opening)}`, 48, 156, 9.5);
  let y = 188;
  page.paint({ x: 42, y: y - 13, width: 512, height: 18 }, [0.9, 0.92, 0.95]);
  word.columns.forEach((heading, i) =>
    i < 2
      ? page.text(heading, columns[i]!, y, 9.5, 'sansBold')
      : page.textRight(heading, columns[i]!, y, 9.5, 'sansBold'),
  );
  let balance = opening;
  const count = between(random, 12, 24);
  const payday = between(random, 2, count - 2);
  for (let i = 0; i < count; i++) {
    y += 19;
    const income = i === payday;
    const value = income ? cents(random, 1900, 3200) : cents(random, 3, 150);
    balance += income ? value : -value;
    const date = new Date(Date.UTC(year, month, 1 + Math.floor((i * 27) / count)));
    page.text(printedDate(date, language), columns[0], y, 9);
    page.text(income ? word.income : pick(random, word.spending), columns[1], y, 9);
    page.textRight(money(value), income ? columns[3] : columns[2], y, 9);
    page.textRight(money(balance), columns[4], y, 9);
  }
  y += 26;
  const printed = money(balance + change.closingBy);
  page.text(word.closing, 380, y, 10, 'sansBold');
  const area = page.textRight(printed, columns[4], y, 10, 'sansBold');

  return {
    pdf: await page.bytes(),
    closing: { box: page.fractions(area), area, text: printed },
    truth: {
      documentType: 'bank_statement',
      language,
      text: page.printed,
      fields: {
        account_holder: holder,
        account_number: account.number,
        iban: account.iban,
        period_start: isoDate(first),
        period_end: isoDate(last),
        opening_balance: plainAmount(opening),
        closing_balance: plainAmount(balance + change.closingBy),
      },
    },
  };
}

const printedDate = (date: Date, language: Language): string =>
  language === 'en'
    ? `${String(date.getUTCDate()).padStart(2, '0')} ${months.en[date.getUTCMonth()]!.slice(0, 3)} ${date.getUTCFullYear()}`
    : slashDate(date);
