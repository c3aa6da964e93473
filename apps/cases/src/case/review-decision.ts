import type { CaseDecision, ReviewResolution } from '@casewire/contracts';

/** The decision of the case by the resolution of its review; null: the decision stays as it is. */
export const decisionOf: Readonly<Record<ReviewResolution, CaseDecision | null>> = {
  approved: 'approved',
  corrected: 'approved',
  rejected: 'rejected',
  more_requested: null,
};
