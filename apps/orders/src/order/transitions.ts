import type { VerificationState } from '@casewire/contracts';

/** The states that a verification can take next, by its present one. The order of creation decides about the first one. */
export const transitions: Readonly<Record<VerificationState, readonly VerificationState[]>> = {
  'pending-approval': ['processing', 'canceled'],
  processing: ['action-required', 'completed', 'invalid', 'canceled'],
  'action-required': ['processing', 'completed', 'invalid', 'canceled'],
  completed: ['invalid'],
  invalid: ['canceled'],
  canceled: [],
};

/** Verifications in these states accept no cases any more: what they had or lacked is final. */
export const closedStates: ReadonlySet<VerificationState> = new Set(['canceled', 'invalid']);

export const isAllowed = (from: VerificationState, to: VerificationState): boolean =>
  transitions[from].includes(to);
