import { uuidV5, type Actor, type TaskStatus, type VerificationState } from '@casewire/contracts';

import { evolve } from './evolve.ts';
import type { OrderDomainEvent } from './order-domain-event.ts';
import {
  activeStatuses,
  statusOf,
  tasksOf,
  type OrderState,
  type Task,
  type Verification,
} from './order-state.ts';
import { UnknownVerification } from './refusals.ts';
import { closedStates, isAllowed } from './transitions.ts';

/** A domain event without its time, which the decision adds. */
type Untimed<E = OrderDomainEvent> = E extends OrderDomainEvent ? Omit<E, 'at'> : never;

/** A decision while it is made: the domain events so far, and the state after them. */
export class Decision {
  readonly events: OrderDomainEvent[] = [];

  constructor(
    public state: OrderState,
    private readonly now: Date,
  ) {}

  /** Adds an event. Each one is a millisecond later than the one before, at least. */
  add(event: Untimed): this {
    const at = new Date(Math.max(this.now.getTime(), this.state.lastAt + 1)).toISOString();
    const timed: OrderDomainEvent = { ...event, at };
    this.events.push(timed);
    this.state = evolve(this.state, timed);
    return this;
  }

  /** @throws UnknownVerification */
  verification(id: string): Verification {
    const found = this.state.verifications.get(id);
    if (!found) throw new UnknownVerification(id);
    return found;
  }

  task(caseId: string): Task {
    return this.state.tasks.get(caseId)!;
  }

  changeTask({ caseId }: Pick<Task, 'caseId'>, status: TaskStatus, reason: string | null = null) {
    return this.add({ type: 'TaskStatusChanged', ...idsOf(this.task(caseId)), status, reason });
  }

  /**
   * Changes the state of a verification, by the table of transitions. The cases that are under way for a verification that closes are
   * canceled.
   * @param reason a code
   */
  move(
    verificationId: string,
    state: VerificationState,
    { reason, by = null }: { reason: string; by?: Actor | null },
  ): this {
    const { state: previousState } = this.verification(verificationId);
    if (previousState !== null && !isAllowed(previousState, state))
      throw new Error(`a verification that is ${previousState} does not become ${state}`);
    this.add({
      type: 'VerificationStateChanged',
      verificationId,
      state,
      previousState,
      reason,
      changedBy: by,
    });
    if (!closedStates.has(state)) return this;
    for (const task of tasksOf(this.state, verificationId))
      if (activeStatuses.has(task.status)) this.cancelTask(task, by);
    return this;
  }

  /** Nobody waits for the case of a task any more. */
  cancelTask(task: Task, by: Actor | null): this {
    return this.changeTask(task, 'canceled', 'VERIFICATION_CLOSED').command(
      'CancelCase',
      task.caseId,
      by,
    );
  }

  /**
   * Issues a command for a case. Its id follows from its cause: the same decision always issues the same command.
   * @param cause what the command is for, such as the id of a refresh
   */
  command(
    command: 'CancelCase' | 'RefreshCase' | 'DeleteCase',
    caseId: string,
    by: Actor | null,
    cause = '',
  ): this {
    return this.add({
      type: 'CaseCommandIssued',
      command,
      commandId: commandIdOf(this.state.id, command, caseId, cause),
      caseId,
      requestedBy: by ?? this.state.createdBy!,
    });
  }

  /** Records the status of the order where it changed. */
  recordStatus(): this {
    const status = statusOf(this.state);
    return status === this.state.status ? this : this.add({ type: 'OrderStatusChanged', status });
  }
}

/** The id of a command for a case of an order. */
export const commandIdOf = (
  orderId: string,
  command: string,
  caseId: string,
  cause: string,
): string => uuidV5('case-command', orderId, command, caseId, cause);

export const idsOf = ({ id: taskId, verificationId, caseId }: Task) => ({
  taskId,
  verificationId,
  caseId,
});
