import type { CaseResults, OrderStatus, OrderView, ReportView } from '@casewire/contracts';

import type { People } from './people.ts';

/** What the reports of an order must be: its status, and the case of each report. */
interface ExpectedReports {
  status: OrderStatus;
  /** The names of the cases, one for each report, in the order in which the reports were made. */
  cases: readonly string[];
}

/**
 * Reads the reports of an order, and the results of each over its link.
 * @throws Error if the order has another status or other reports, if two reports have one id, or if a link leads to no results
 */
export async function readReports(
  { orderer, partner, facts, show }: People,
  orderName: string,
  expected: ExpectedReports,
): Promise<void> {
  const order = await orderer.order(facts.order(orderName).id);
  check(order, expected, (caseId) => facts.nameOf(caseId));
  show(`${order.number} is ${order.status}. Reports: ${order.reports.length}`);
  for (const report of order.reports) {
    const results = await partner.api.call<CaseResults>(report.links.results);
    show(lineOf(report, results, facts.nameOf(report.caseId)));
  }
}

function check(
  { status, reports }: OrderView,
  expected: ExpectedReports,
  nameOf: (caseId: string) => string,
): void {
  const cases = reports.map(({ caseId }) => nameOf(caseId));
  const ids = new Set(reports.map(({ id }) => id));
  if (status !== expected.status) throw new Error(`the order is ${status}, not ${expected.status}`);
  if (cases.join() !== expected.cases.join())
    throw new Error(`its reports are about ${cases.join(', ') || 'no case'}`);
  if (ids.size !== reports.length) throw new Error('two of its reports have the same id');
}

/** @throws Error if a document has no extracted fields */
function lineOf({ id }: ReportView, { uploads }: CaseResults, caseName: string): string {
  const read = uploads.map(({ documentType, stages }) => {
    const result = stages.extraction?.result as { fields: unknown[] } | null | undefined;
    if (!result) throw new Error(`the case ${caseName} has no extracted fields`);
    return `${documentType}, ${result.fields.length} fields`;
  });
  return `report ${id} of ${caseName}: ${read.join('; ')}`;
}
