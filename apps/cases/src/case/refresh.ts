import type { Stage } from '@casewire/contracts';

import type { DecisionContext, RefreshCase } from './case-command.ts';
import type { CaseDomainEvent, DomainEventOf } from './case-domain-event.ts';
import { resultOf } from './case-result.ts';
import {
  isFinished,
  requestedStages,
  type CaseState,
  type Refresh,
  type Upload,
} from './case-state.ts';
import { Decision, runIdOf, stageRequested } from './decision.ts';
import { refreshed } from './evolve.ts';
import { checkOpen, CommandInvalid, CommandRefused } from './refusals.ts';

/**
 * Runs stages again. One refresh at a time; its results replace the results before when all of its runs have completed, and
 * are dropped when one of them fails. A refresh with a known id changes nothing.
 * @throws CommandRefused, CommandInvalid
 */
export function refresh(command: RefreshCase, state: CaseState): CaseDomainEvent[] {
  if (state.refreshIds.has(command.refreshId)) return [];
  checkOpen(state);
  if (state.refresh) {
    const reason = `the refresh ${state.refresh.id} is under way`;
    throw new CommandRefused('REFRESH_IN_PROGRESS', reason, state);
  }
  const runs = selectedRuns(command, state);
  const decision = new Decision(state);
  decision.add({
    type: 'RefreshRequested',
    refreshId: command.refreshId,
    stages: [...new Set(runs.map(({ stage }) => stage))],
    uploadIds: [...new Set(runs.map(({ uploadId }) => uploadId))],
    runs,
    requestedBy: command.by,
    requestedAt: command.now.toISOString(),
  });
  requestRuns(decision, command);
  return decision.events;
}

type SelectedRun = DomainEventOf<'RefreshRequested'>['runs'][number];

function selectedRuns({ selection }: RefreshCase, state: CaseState): SelectedRun[] {
  const { stages, uploadIds } = selection;
  for (const [i, id] of (uploadIds ?? []).entries()) {
    if (!state.uploads.has(id))
      throw new CommandInvalid(`uploadIds.${i}`, 'must be an upload of this case');
  }
  const uploads = [...state.uploads.values()].filter(({ id }) => uploadIds?.includes(id) ?? true);
  for (const [i, stage] of (stages ?? []).entries()) {
    if (!uploads.some((upload) => requestedStages(upload).includes(stage)))
      throw new CommandInvalid(`stages.${i}`, `must have been requested: ${stage} was not`);
  }
  const runs = uploads.flatMap((upload) =>
    requestedStages(upload)
      .filter((stage) => stages?.includes(stage) ?? true)
      .map((stage) => nextRun(upload, stage, state)),
  );
  if (runs.length === 0)
    throw new CommandInvalid('stages', 'must select a stage that was requested');
  return runs;
}

function nextRun(upload: Upload, stage: Stage, state: CaseState): SelectedRun {
  if (!isFinished(upload.runs.get(stage))) {
    const reason = `${stage} of the upload ${upload.id} has not ended yet`;
    throw new CommandRefused('RUN_IN_PROGRESS', reason, state);
  }
  const run = (upload.lastRun.get(stage) ?? 0) + 1;
  return { runId: runIdOf(upload.id, stage, run), uploadId: upload.id, stage, run };
}

/** Requests the runs that can begin: the features of an upload wait for its classification, if that runs again, too. */
function requestRuns(decision: Decision, context: DecisionContext): void {
  const runs = [...decision.state.refresh!.runs.values()];
  for (const run of runs) {
    if (run.requested) continue;
    const classification = runs.find(
      ({ uploadId, stage }) => uploadId === run.uploadId && stage === 'classification',
    );
    const waits = classification && classification !== run && classification.status !== 'completed';
    if (waits) continue;
    const upload = decision.state.uploads.get(run.uploadId)!;
    const documentType =
      classification && classification !== run ? classification.documentType : upload.documentType;
    decision.add(stageRequested({ id: upload.id, documentType }, run, context));
  }
}

/** After the result of a run of a refresh: the next requests, or the end of the refresh. */
export function continueRefresh(decision: Decision, context: DecisionContext): void {
  const { refresh: current } = decision.state;
  const last = decision.events.at(-1);
  if (!current) return;
  const at = context.now.toISOString();
  const about = { refreshId: current.id, stages: current.stages, uploadIds: current.uploadIds };
  if (last?.type === 'RefreshRunFailed') {
    const { uploadId, stage } = last;
    const failure = { uploadId, stage, code: last.failure.code };
    decision.add({ type: 'RefreshFailed', ...about, failure, failedAt: at });
  } else if (last?.type === 'RefreshRunCompleted') {
    requestRuns(decision, context);
    if (!isComplete(current)) return;
    const result = resultOf(refreshed(decision.state));
    decision.add({ type: 'RefreshCompleted', ...about, result, completedAt: at });
  }
}

const isComplete = ({ runs }: Refresh): boolean =>
  [...runs.values()].every(({ status }) => status === 'completed');
