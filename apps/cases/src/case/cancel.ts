import type { CancelCase } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import type { CaseState } from './case-state.ts';
import { Decision } from './decision.ts';
import { CommandRefused } from './refusals.ts';

/**
 * Cancels a case that is not completed: its runs end without a result, its open review is canceled, and it accepts nothing
 * more but its deletion. A canceled case stays as it is.
 * @throws CommandRefused
 */
export function cancel({ by, now }: CancelCase, state: CaseState): CaseDomainEvent[] {
  if (state.phase === 'canceled') return [];
  if (state.phase === 'deleted')
    throw new CommandRefused('CASE_DELETED', 'the case was deleted', state);
  if (state.completed)
    throw new CommandRefused('CASE_COMPLETED', 'the case is completed already', state);
  const at = now.toISOString();
  const decision = new Decision(state);
  if (state.openReviewId !== null)
    decision.add({ type: 'ReviewCanceled', reviewId: state.openReviewId, canceledAt: at });
  decision.add({ type: 'CaseCanceled', canceledBy: by, canceledAt: at });
  return decision.events;
}
