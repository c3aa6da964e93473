import { Stage } from '@casewire/contracts';

import type { FailRun, RecordStageResult } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import { isFinished, type CaseState } from './case-state.ts';
import { Decision, runIdOf } from './decision.ts';
import { react } from './reactions.ts';
import { UnknownRun } from './refusals.ts';

interface FoundRun {
  uploadId: string;
  stage: Stage;
  /** Whether it belongs to the refresh that is under way. */
  refreshes: boolean;
  /** Whether its result is awaited. */
  awaited: boolean;
}

/** Records the result of a run, with everything that follows from it. @throws UnknownRun */
export function recordResult(command: RecordStageResult, state: CaseState): CaseDomainEvent[] {
  const { result } = command;
  const { runId, uploadId, stage, finishedAt } = result;
  const run = findRun(state, runId);
  if (!run) throw new UnknownRun(runId);
  if (!run.awaited) {
    const { status } = result;
    const reference = status === 'completed' ? result.result : null;
    return [
      { type: 'LateResultReceived', runId, uploadId, stage, status, result: reference, finishedAt },
    ];
  }
  const about = { runId, uploadId, stage, finishedAt };
  const decision = new Decision(state);
  if (result.status === 'completed') {
    const { documentType, facts } = result;
    decision.add({
      type: run.refreshes ? 'RefreshRunCompleted' : 'StageCompleted',
      ...about,
      result: result.result,
      documentType,
      ...(facts?.stage === stage && { facts }),
    });
  } else {
    decision.add({
      type: run.refreshes ? 'RefreshRunFailed' : 'StageFailed',
      ...about,
      failure: result.failure,
    });
  }
  react(decision, command);
  return decision.events;
}

/** Fails a run without a result. A run that finished meanwhile stays as it is. */
export function failRun(command: FailRun, state: CaseState): CaseDomainEvent[] {
  const { runId, failure, now } = command;
  const run = findRun(state, runId);
  if (!run?.awaited) return [];
  const { uploadId, stage } = run;
  const decision = new Decision(state);
  decision.add({
    type: run.refreshes ? 'RefreshRunFailed' : 'StageFailed',
    runId,
    uploadId,
    stage,
    failure,
    finishedAt: now.toISOString(),
  });
  react(decision, command);
  return decision.events;
}

/** The run with this id, of all runs that the case ever requested. */
function findRun(state: CaseState, runId: string): FoundRun | undefined {
  const isOpen = state.phase === 'open';
  const refreshRun = state.refresh?.runs.get(runId);
  if (refreshRun?.requested) {
    const { uploadId, stage, status } = refreshRun;
    return { uploadId, stage, refreshes: true, awaited: isOpen && status === 'processing' };
  }
  for (const upload of state.uploads.values()) {
    for (const stage of Stage.options) {
      const current = upload.runs.get(stage);
      if (current?.runId === runId)
        return {
          uploadId: upload.id,
          stage,
          refreshes: false,
          awaited: isOpen && !isFinished(current),
        };
      if (pastRun(upload.lastRun.get(stage) ?? 0, upload.id, stage, runId))
        return { uploadId: upload.id, stage, refreshes: false, awaited: false };
    }
  }
  return undefined;
}

const pastRun = (last: number, uploadId: string, stage: Stage, runId: string): boolean =>
  Array.from({ length: last }, (_, i) => runIdOf(uploadId, stage, i + 1)).includes(runId);
