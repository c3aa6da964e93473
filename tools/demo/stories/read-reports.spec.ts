import type { CaseView, OrderView, ReportView } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { Facts } from './facts.ts';
import type { People } from './people.ts';
import { readReports } from './read-reports.ts';

const reportOf = (id: string, caseId: string) =>
  ({ id, caseId, links: { results: `/partner/v1/cases/${caseId}/results` } }) as ReportView;

/** People whose order has these reports, and whose case has these fields; null for a case without an extraction. */
function peopleWith(reports: ReportView[], fields: unknown[] | null = [{ name: 'net_pay' }]) {
  const facts = new Facts();
  facts.addCase('payslip', { id: 'case-1' } as CaseView);
  facts.addOrder('loan', { id: 'order-1' } as OrderView);
  const lines: string[] = [];
  const paths: string[] = [];
  const extraction = fields === null ? undefined : { result: { fields } };
  const people = {
    facts,
    show: (line: string) => lines.push(line),
    orderer: { order: async () => ({ number: 'CW-7F3K-9QXD', status: 'completed', reports }) },
    partner: {
      api: {
        call: async (path: string) => {
          paths.push(path);
          return { uploads: [{ documentType: 'payslip', stages: { extraction } }] };
        },
      },
    },
  } as unknown as People;
  return { people, lines, paths };
}

test('each report is read over its link', async () => {
  const { people, lines, paths } = peopleWith([reportOf('report-1', 'case-1')]);
  await readReports(people, 'loan', { status: 'completed', cases: ['payslip'] });
  expect(paths).toEqual(['/partner/v1/cases/case-1/results']);
  expect(lines).toEqual([
    'CW-7F3K-9QXD is completed. Reports: 1',
    'report report-1 of payslip: payslip, 1 fields',
  ]);
});

const two = [reportOf('report-1', 'case-1'), reportOf('report-1', 'case-1')];
test.each([
  ['another status', [], { status: 'canceled' as const, cases: [] }, 'is completed, not canceled'],
  ['a missing report', [], { status: 'completed' as const, cases: ['payslip'] }, 'about no case'],
  [
    'a further report',
    two,
    { status: 'completed' as const, cases: ['payslip'] },
    'about payslip, payslip',
  ],
  [
    'one id twice',
    two,
    { status: 'completed' as const, cases: ['payslip', 'payslip'] },
    'two of its reports have the same id',
  ],
])('%s is an error', async (_, reports, expected, message) => {
  await expect(readReports(peopleWith(reports).people, 'loan', expected)).rejects.toThrow(message);
});

test('a link without results is an error', async () => {
  const { people } = peopleWith([reportOf('report-1', 'case-1')], null);
  const expected = { status: 'completed' as const, cases: ['payslip'] };
  await expect(readReports(people, 'loan', expected)).rejects.toThrow('payslip has no extracted');
});
