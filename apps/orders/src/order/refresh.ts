import { commandIdOf, idsOf, type Decision } from './decision.ts';
import type { RefreshOrder } from './order-command.ts';
import { successfulStatuses, tasksOf, type Task } from './order-state.ts';
import { CommandRefused, notAllowed } from './refusals.ts';

/** Requests that the cases of successful tasks run again. @throws CommandRefused, UnknownVerification */
export function refresh(
  decision: Decision,
  { refreshId, verificationIds, by }: Pick<RefreshOrder, 'refreshId' | 'verificationIds' | 'by'>,
): void {
  const { state } = decision;
  if (state.refreshIds.has(refreshId)) return;
  if (state.refresh !== null)
    throw new CommandRefused('REFRESH_IN_PROGRESS', 'another refresh of the order is under way');
  const tasks = refreshable(decision, verificationIds);
  if (tasks.length === 0)
    throw new CommandRefused('NOTHING_TO_REFRESH', 'no verification of the order is completed');
  decision.add({
    type: 'RefreshRequested',
    refreshId,
    taskIds: tasks.map(({ id }) => id),
    requestedBy: by,
  });
  for (const task of tasks)
    decision.changeTask(task, 'refreshing').command('RefreshCase', task.caseId, by, refreshId);
}

function refreshable(decision: Decision, verificationIds: string[] | null): Task[] {
  const ids = verificationIds ?? [...decision.state.verifications.keys()];
  return [...new Set(ids)].flatMap((id) => {
    const verification = decision.verification(id);
    if (verification.state !== 'completed') {
      if (verificationIds !== null) throw notAllowed(verification);
      return [];
    }
    return tasksOf(decision.state, id).filter(({ status }) => successfulStatuses.has(status));
  });
}

/** The task whose refresh is under way by this command; undefined if there is none. */
export function taskOfCommand({ state }: Decision, commandId: string): Task | undefined {
  const { refresh: current, id } = state;
  if (!current) return undefined;
  return [...state.tasks.values()].find(
    (task) =>
      current.open.has(task.id) &&
      commandIdOf(id, 'RefreshCase', task.caseId, current.id) === commandId,
  );
}

/** The refresh of a task failed, if one is under way: the results before stay. @param failure a code */
export function endRefreshOf(decision: Decision, task: Task, failure: string): void {
  const { refresh: current } = decision.state;
  if (!current?.open.has(task.id)) return;
  if (decision.task(task.caseId).status === 'refreshing')
    decision.changeTask(task, 'refresh_failed', failure);
  decision.add({ type: 'TaskRefreshFailed', ...idsOf(task), refreshId: current.id, failure });
  end(decision, task);
}

/** The refresh of a task completed. */
export function refreshedTask(decision: Decision, task: Task): void {
  if (decision.task(task.caseId).status === 'refreshing') decision.changeTask(task, 'succeeded');
  end(decision, task);
}

function end(decision: Decision, task: Task): void {
  const { id: refreshId } = decision.state.refresh!;
  decision.add({ type: 'TaskRefreshEnded', refreshId, taskId: task.id });
  const { open, failed } = decision.state.refresh!;
  if (open.size === 0)
    decision.add({
      type: 'RefreshFinished',
      refreshId,
      status: failed ? 'failed' : 'completed',
    });
}
