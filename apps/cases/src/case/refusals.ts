import { isFinished, statusOf, type CaseState } from './case-state.ts';

/** What a caller may do with a case, for the error that says what is not allowed. */
type Action =
  | 'upload'
  | 'open_review'
  | 'resolve_review'
  | 'close'
  | 'revise'
  | 'refresh'
  | 'cancel'
  | 'delete';

/** The actions that the case allows at present. */
function allowedActions(state: CaseState): Action[] {
  if (state.phase === 'new' || state.phase === 'deleted') return [];
  if (state.phase === 'canceled') return ['delete'];
  const isOpen = state.openReviewId !== null;
  const isAllowed: Record<Action, boolean> = {
    upload: true,
    open_review: !isOpen,
    resolve_review: isOpen,
    close: state.actionRequired,
    revise: true,
    refresh: state.refresh === null && hasEndedStage(state),
    cancel: !state.completed,
    delete: true,
  };
  return (Object.keys(isAllowed) as Action[]).filter((action) => isAllowed[action]);
}

/** An ended stage can run again, also while others still run. */
const hasEndedStage = ({ uploads }: CaseState): boolean =>
  [...uploads.values()].some(({ runs }) => [...runs.values()].some(isFinished));

/** The state of the case forbids the command. */
export class CommandRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    reason: string,
    state: CaseState,
  ) {
    const allowed = allowedActions(state);
    super(`${reason}; allowed now: ${allowed.length > 0 ? allowed.join(', ') : 'nothing'}`);
  }
}

/** A part of the command does not fit the case: an upload or a stage that it does not have. */
export class CommandInvalid extends Error {
  readonly code = 'COMMAND_INVALID';
  readonly retriable = false;
  constructor(
    readonly field: string,
    readonly rule: string,
  ) {
    super(`${field} ${rule}`);
  }
}

/** There is no such review. */
export class UnknownReview extends Error {
  readonly code = 'REVIEW_UNKNOWN';
  readonly retriable = false;
}

/** A stage result for a run that this case never requested. */
export class UnknownRun extends Error {
  readonly code = 'RUN_UNKNOWN';
  readonly retriable = false;
  constructor(readonly runId: string) {
    super(`the case has no run ${runId}`);
  }
}

/** @throws CommandRefused for a case that was deleted or canceled: nothing changes it any more */
export function checkOpen(state: CaseState): void {
  if (state.phase === 'deleted')
    throw new CommandRefused('CASE_DELETED', 'the case was deleted', state);
  if (state.phase === 'canceled')
    throw new CommandRefused('CASE_CANCELED', 'the case was canceled', state);
}

export const describeStatus = (state: CaseState): string => `the case is ${statusOf(state)}`;
