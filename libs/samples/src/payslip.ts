import {
  amount,
  companies,
  fullName,
  isoDate,
  type Language,
  person,
  plainAmount,
  slashDate,
} from './names-and-formats.ts';
import { a4, type Rectangle, PdfPage } from './pdf-page.ts';
import { between, cents, day, digits, pick, type Random } from './random.ts';
import type { Drawing } from './sample.ts';

const words = {
  en: {
    title: 'PAYSLIP',
    employee: 'Employee',
    number: 'Employee No',
    social: 'NI Number',
    department: 'Department',
    payDate: 'Pay date',
    period: 'Tax period',
    tax: 'Tax code',
    method: 'Pay method',
    earnings: ['Basic Salary', 'Overtime 1.5x', 'Night Allowance', 'Holiday Pay', 'Bonus'],
    deductions: ['Income Tax (PAYE)', 'National Insurance', 'Pension 5%', 'Student Loan'],
    headings: ['Earnings', 'Hours', 'Amount', 'Deductions', 'Amount'],
    gross: 'Total Earnings',
    deducted: 'Total Deductions',
    net: 'NET PAY',
  },
  es: {
    title: 'NÓMINA',
    employee: 'Trabajador',
    number: 'Nº empleado',
    social: 'Nº Seguridad Social',
    department: 'Departamento',
    payDate: 'Fecha de pago',
    period: 'Periodo',
    tax: 'Grupo',
    method: 'Forma de pago',
    earnings: [
      'Salario base',
      'Horas extraordinarias',
      'Plus nocturnidad',
      'Vacaciones',
      'Incentivos',
    ],
    deductions: ['IRPF', 'Contingencias comunes', 'Desempleo', 'Formación profesional'],
    headings: ['Devengos', 'Horas', 'Importe', 'Deducciones', 'Importe'],
    gross: 'Total devengado',
    deducted: 'Total a deducir',
    net: 'LÍQUIDO A PERCIBIR',
  },
};

export interface DrawnPayslip extends Drawing {
  /** Where the net pay is printed, in fractions of the page. */
  netPay: [number, number, number, number];
}

/** A monthly payslip on A4 with correct sums. */
export async function drawPayslip(random: Random, language: Language): Promise<DrawnPayslip> {
  const word = words[language];
  const money = (value: number) => amount(value, language);
  const employer = pick(random, companies[language]);
  const who = fullName(person(random, language), language);
  const payDate = day(random, 2024, 2026);
  const number = `EMP-${digits(random, 6)}`;
  const earnings = word.earnings.slice(0, between(random, 3, 5)).map((label, i) => ({
    label,
    hours: between(random, 4, 160),
    value: cents(random, i ? 40 : 1800, i ? 420 : 3100),
  }));
  const gross = earnings.reduce((sum, line) => sum + line.value, 0);
  const rates = [0.14, 0.07, 0.05, 0.02];
  const deductions = word.deductions.map((label, i) => ({
    label,
    value: Math.round(gross * rates[i]! * (0.9 + random() * 0.2)),
  }));
  const deducted = deductions.reduce((sum, line) => sum + line.value, 0);

  const page = await PdfPage.create({
    size: a4,
    title: word.title,
    producer: 'Paymaster 9',
    created: payDate,
  });
  page.text(employer.toUpperCase(), 44, 56, 16, 'sansBold');
  page.text(word.title, 450, 56, 16, 'sansBold');
  const facts = [
    [word.employee, who, word.payDate, slashDate(payDate)],
    [word.number, number, word.period, String(payDate.getUTCMonth() + 1)],
    [
      word.social,
      language === 'en' ? `QQ ${digits(random, 6)} C` : `28/${digits(random, 8)}`,
      word.tax,
      `${between(random, 1100, 1300)}L`,
    ],
    [
      word.department,
      'Operaciones'.slice(0, language === 'es' ? 11 : 0) || 'Operations',
      word.method,
      'BACS',
    ],
  ];
  facts.forEach(([label, value, label2, value2], i) => {
    const y = 98 + i * 20;
    page.text(label!, 44, y, 9.5, 'sansBold');
    page.text(value!, 150, y, 9.5);
    page.text(label2!, 340, y, 9.5, 'sansBold');
    page.text(value2!, 450, y, 9.5);
  });
  let y = 208;
  page.paint({ x: 38, y: y - 14, width: 252, height: 20 }, [0.87, 0.9, 0.95]);
  page.paint({ x: 308, y: y - 14, width: 252, height: 20 }, [0.87, 0.9, 0.95]);
  page.text(word.headings[0]!, 44, y, 10, 'sansBold');
  page.text(word.headings[1]!, 175, y, 10, 'sansBold');
  page.textRight(word.headings[2]!, 284, y, 10, 'sansBold');
  page.text(word.headings[3]!, 316, y, 10, 'sansBold');
  page.textRight(word.headings[4]!, 552, y, 10, 'sansBold');
  for (let i = 0; i < Math.max(earnings.length, deductions.length); i++) {
    y += 20;
    const [earned, taken] = [earnings[i], deductions[i]];
    if (earned) {
      page.text(earned.label, 44, y, 9.5);
      page.text(`${earned.hours}`, 175, y, 9.5);
      page.textRight(money(earned.value), 284, y, 9.5);
    }
    if (taken) {
      page.text(taken.label, 316, y, 9.5);
      page.textRight(money(taken.value), 552, y, 9.5);
    }
  }
  y += 34;
  page.text(word.gross, 44, y, 10, 'sansBold');
  page.textRight(money(gross), 284, y, 10, 'sansBold');
  page.text(word.deducted, 316, y, 10, 'sansBold');
  page.textRight(money(deducted), 552, y, 10, 'sansBold');
  page.frame({ x: 38, y: y + 14, width: 522, height: 38 });
  page.text(word.net, 48, y + 39, 14, 'sansBold');
  const net: Rectangle = page.textRight(
    `${language === 'en' ? '£' : ''}${money(gross - deducted)}${language === 'es' ? ' €' : ''}`,
    548,
    y + 39,
    15,
    'sansBold',
  );

  return {
    pdf: await page.bytes(),
    netPay: page.fractions(net),
    truth: {
      documentType: 'payslip',
      language,
      text: page.printed,
      fields: {
        employer: employer.toUpperCase(),
        employee_name: who,
        employee_number: number,
        pay_date: isoDate(payDate),
        gross_pay: plainAmount(gross),
        total_deductions: plainAmount(deducted),
        net_pay: plainAmount(gross - deducted),
      },
    },
  };
}
