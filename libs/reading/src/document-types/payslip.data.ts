import type { DocumentTypeRules } from './document-type-rules.ts';

/** A payslip: earnings, deductions and net pay. */
export const payslip: DocumentTypeRules = {
  anchors: [
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
  tables: {
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
};
