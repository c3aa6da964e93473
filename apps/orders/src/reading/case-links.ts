import type { CaseLinks } from '@casewire/contracts';

/** Where the Partner API has a case and its results. */
export const linksOf = (caseId: string): CaseLinks => ({
  case: `/partner/v1/cases/${caseId}`,
  results: `/partner/v1/cases/${caseId}/results`,
});
