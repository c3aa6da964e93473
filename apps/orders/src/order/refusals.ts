import type { Verification } from './order-state.ts';
import { allowedActions } from './transitions.ts';

/** The state of the order, or of a verification, forbids the command. */
export class CommandRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** The state of a verification forbids the command: the message says what is allowed. */
export const notAllowed = ({ state }: Verification): CommandRefused => {
  const actions = state === null ? [] : allowedActions[state];
  const allowed = actions.length > 0 ? actions.join(', ') : 'nothing';
  const reason = `the verification is ${state}; allowed now: ${allowed}`;
  return new CommandRefused('TRANSITION_NOT_ALLOWED', reason);
};

/** The approval must come from somebody else than the one who created the order. */
export class ApproverRefused extends Error {
  readonly code = 'APPROVER_NOT_ALLOWED';
  readonly retriable = false;
  constructor() {
    super(
      'this verification must be approved with another API key than the one that created its order',
    );
  }
}

/** The order has no such verification. */
export class UnknownVerification extends Error {
  readonly code = 'VERIFICATION_UNKNOWN';
  readonly retriable = false;
  constructor(readonly verificationId: string) {
    super(`the order has no verification ${verificationId}`);
  }
}
