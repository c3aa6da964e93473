import type {
  VerificationAction,
  VerificationMethod,
  VerificationState,
} from '@casewire/contracts';

/** The states that a verification can take next, by its present one. */
export const transitions: Readonly<Record<VerificationState, readonly VerificationState[]>> = {
  'pending-approval': ['processing', 'canceled'],
  processing: ['action-required', 'completed', 'invalid', 'canceled'],
  'action-required': ['processing', 'completed', 'invalid', 'canceled'],
  completed: ['invalid'],
  invalid: ['canceled'],
  canceled: [],
};

/** Verifications in these states accept no cases any more, and the cases that are under way are canceled. */
export const closedStates: ReadonlySet<VerificationState> = new Set(['canceled', 'invalid']);

/** What a verification becomes when a task has no success and no other one is under way. */
export const stateWithoutSuccess: Readonly<Record<VerificationMethod, VerificationState>> = {
  instant: 'canceled',
  documents: 'action-required',
  outreach: 'action-required',
};

/** What a caller may do with a verification, by its state. */
export const allowedActions: Readonly<Record<VerificationState, readonly VerificationAction[]>> = {
  'pending-approval': ['approve', 'refuse', 'cancel'],
  processing: ['submit_documents', 'cancel'],
  'action-required': ['submit_documents', 'give_information', 'cancel'],
  completed: ['submit_documents'],
  invalid: ['cancel'],
  canceled: [],
};

export const isAllowed = (from: VerificationState, to: VerificationState): boolean =>
  transitions[from].includes(to);
