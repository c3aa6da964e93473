import type { ReviewResolution } from '@casewire/contracts';

/** What a resolved review says about its case; null for a request of further documents. */
export const decisionOf: Readonly<Record<ReviewResolution, 'approved' | 'rejected' | null>> = {
  approved: 'approved',
  corrected: 'approved',
  rejected: 'rejected',
  more_requested: null,
};
