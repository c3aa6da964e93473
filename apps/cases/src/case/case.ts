import type { Decider } from '@casewire/event-sourcing';

import { cancel } from './cancel.ts';
import type { CaseCommand } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import { initialState, type CaseState } from './case-state.ts';
import { evolve } from './evolve.ts';
import { refresh } from './refresh.ts';
import { assignReview, closeAction, openReview, resolveReview } from './review.ts';
import { reviseCase, reviseDocument } from './revise.ts';
import { failRun, recordResult } from './stage-results.ts';
import { submit } from './submit.ts';

/**
 * The case aggregate. A decision contains the domain events and everything that follows from them: stage requests, verdicts,
 * reviews, the completion. They are appended together, so that no deletion can come between an event and its reaction.
 */
export const caseDecider: Decider<CaseCommand, CaseState, CaseDomainEvent> = {
  decide,
  evolve,
  initialState,
};

/** @throws CommandRefused, CommandInvalid, UnknownReview, UnknownRun */
export function decide(command: CaseCommand, state: CaseState): CaseDomainEvent[] {
  switch (command.type) {
    case 'SubmitUploads':
      return submit(command, state);
    case 'RecordStageResult':
      return recordResult(command, state);
    case 'FailRun':
      return failRun(command, state);
    case 'OpenReview':
      return openReview(command, state);
    case 'AssignReview':
      return assignReview(command, state);
    case 'ResolveReview':
      return resolveReview(command, state);
    case 'CloseAction':
      return closeAction(command, state);
    case 'ReviseDocument':
      return reviseDocument(command, state);
    case 'ReviseCase':
      return reviseCase(command, state);
    case 'RefreshCase':
      return refresh(command, state);
    case 'CancelCase':
      return cancel(command, state);
    case 'AdvanceTime':
      return state.phase === 'open'
        ? [
            {
              type: 'TimeAdvanced',
              seconds: command.seconds,
              advancedAt: command.now.toISOString(),
            },
          ]
        : [];
    case 'DeleteCase':
      return state.phase === 'deleted' || state.phase === 'new'
        ? []
        : [
            {
              type: 'CaseDeleted',
              deletedBy: command.by,
              deletedAt: command.now.toISOString(),
            },
          ];
  }
}
