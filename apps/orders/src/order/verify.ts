import type { Actor } from '@casewire/contracts';

import type { Decision } from './decision.ts';
import type { OrderState, Verification } from './order-state.ts';
import { ApproverRefused, CommandRefused, notAllowed } from './refusals.ts';
import { isAllowed } from './transitions.ts';

/** Approves a verification: it begins. @throws CommandRefused, ApproverRefused, UnknownVerification */
export function approve(decision: Decision, verificationId: string, by: Actor): void {
  checkApproval(decision.verification(verificationId), decision.state, by);
  decision.move(verificationId, 'processing', { reason: 'APPROVED', by });
}

/** Refuses the approval of a verification: it is canceled. @throws CommandRefused, ApproverRefused, UnknownVerification */
export function refuse(decision: Decision, verificationId: string, by: Actor): void {
  checkApproval(decision.verification(verificationId), decision.state, by);
  decision.move(verificationId, 'canceled', { reason: 'APPROVAL_REFUSED', by });
}

function checkApproval(verification: Verification, { createdBy }: OrderState, by: Actor): void {
  if (verification.state !== 'pending-approval') throw notAllowed(verification);
  const isCreator = createdBy?.type === by.type && createdBy.id === by.id;
  if (verification.approval === 'another' && isCreator) throw new ApproverRefused();
}

/** Records that somebody answered a verification that requires information. @throws CommandRefused, UnknownVerification */
export function giveInformation(
  decision: Decision,
  { verificationId, informationId }: { verificationId: string; informationId: string },
  by: Actor,
): void {
  const verification = decision.verification(verificationId);
  if (verification.state !== 'action-required') throw notAllowed(verification);
  decision
    .add({ type: 'InformationGiven', verificationId, informationId, givenBy: by })
    .move(verificationId, 'processing', { reason: 'INFORMATION_GIVEN', by });
}

/** Cancels a verification, with the cases that are under way. A canceled one stays as it is. @throws CommandRefused, UnknownVerification */
export function cancelVerification(decision: Decision, verificationId: string, by: Actor): void {
  const verification = decision.verification(verificationId);
  if (verification.state === 'canceled') return;
  if (!canBeCanceled(verification)) throw notAllowed(verification);
  decision.move(verificationId, 'canceled', { reason: 'CANCELED', by });
}

/** Cancels every verification that is not completed. A canceled order stays as it is. @throws CommandRefused */
export function cancelOrder(decision: Decision, by: Actor): void {
  const all = [...decision.state.verifications.values()];
  const open = all.filter(canBeCanceled);
  if (open.length === 0 && all.some(({ state }) => state === 'completed'))
    throw new CommandRefused('ORDER_COMPLETED', 'the order is completed already');
  for (const { verificationId } of open)
    decision.move(verificationId, 'canceled', { reason: 'ORDER_CANCELED', by });
}

const canBeCanceled = ({ state }: Verification): boolean =>
  state !== null && isAllowed(state, 'canceled');
