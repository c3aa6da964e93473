import type { AssignReview, CloseAction, OpenReview, ResolveReview } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import type { CaseState, Review } from './case-state.ts';
import { Decision } from './decision.ts';
import { completeIfFinished, dueAt } from './reactions.ts';
import {
  checkOpen,
  CommandInvalid,
  CommandRefused,
  describeStatus,
  UnknownReview,
} from './refusals.ts';
import { documentRevised } from './revise.ts';

/** A person opens a review: always possible while the case is open and no other review is. @throws CommandRefused */
export function openReview(command: OpenReview, state: CaseState): CaseDomainEvent[] {
  checkOpen(state);
  const { reviewId, uploadId, reviewType, priority, by, now, settings } = command;
  if (state.openReviewId !== null) {
    const reason = `the review ${state.openReviewId} is open`;
    throw new CommandRefused('REVIEW_OPEN', reason, state);
  }
  if (uploadId !== null && !state.uploads.has(uploadId))
    throw new CommandInvalid('uploadId', 'must be an upload of this case');
  return [
    {
      type: 'ReviewOpened',
      reviewId,
      uploadId,
      reviewType,
      priority,
      cause: 'manual',
      reasons: [],
      openedBy: by,
      openedAt: now.toISOString(),
      dueAt: dueAt(now, settings.rules.reviewHours[priority]),
    },
  ];
}

/** Assigns an open review to a person. The same person again changes nothing. @throws CommandRefused, UnknownReview */
export function assignReview(command: AssignReview, state: CaseState): CaseDomainEvent[] {
  const { reviewId, assigneeId, by, now } = command;
  const review = findOpen(state, reviewId);
  if (review.assigneeId === assigneeId) return [];
  const at = now.toISOString();
  return [{ type: 'ReviewAssigned', reviewId, assigneeId, assignedBy: by, assignedAt: at }];
}

/**
 * Ends a review. The corrections of `corrected` become versions of the extractions; `more_requested` keeps the case open
 * until documents come or somebody closes it.
 * @throws CommandRefused that names who resolved the review before; CommandInvalid; UnknownReview
 */
export function resolveReview(command: ResolveReview, state: CaseState): CaseDomainEvent[] {
  const { reviewId, resolution, corrections, by, now } = command;
  findOpen(state, reviewId);
  const at = now.toISOString();
  const decision = new Decision(state);
  for (const [i, correction] of corrections.entries())
    decision.add(documentRevised(correction, `corrections.${i}`, command, decision.state));
  decision.add({ type: 'ReviewResolved', reviewId, resolution, resolvedBy: by, resolvedAt: at });
  if (resolution === 'more_requested')
    decision.add({ type: 'ActionRequired', reviewId, requiredAt: at });
  completeIfFinished(decision, command);
  return decision.events;
}

/** Ends the wait for further documents. @throws CommandRefused */
export function closeAction(command: CloseAction, state: CaseState): CaseDomainEvent[] {
  checkOpen(state);
  if (!state.actionRequired)
    throw new CommandRefused('ACTION_NOT_REQUIRED', describeStatus(state), state);
  const decision = new Decision(state);
  decision.add({
    type: 'ActionClosed',
    closedBy: command.by,
    closedAt: command.now.toISOString(),
  });
  completeIfFinished(decision, command);
  return decision.events;
}

function findOpen(state: CaseState, reviewId: string): Review {
  const review = state.reviews.get(reviewId);
  if (!review) throw new UnknownReview();
  if (review.status === 'canceled')
    throw new CommandRefused('REVIEW_CANCELED', 'the review was canceled with its case', state);
  if (review.end) {
    const { resolution, by, at } = review.end;
    const reason = `the review was resolved as ${resolution} by ${by} at ${at}`;
    throw new CommandRefused('REVIEW_RESOLVED', reason, state);
  }
  checkOpen(state);
  return review;
}
