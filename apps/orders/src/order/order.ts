import type { Decider } from '@casewire/event-sourcing';

import { create } from './create.ts';
import { Decision } from './decision.ts';
import { evolve } from './evolve.ts';
import type { OrderCommand, RecordCaseOutcome } from './order-command.ts';
import type { OrderDomainEvent } from './order-domain-event.ts';
import { initialState, tasksOf, successfulStatuses, type OrderState } from './order-state.ts';
import { recordOutcome } from './record-outcome.ts';
import { refresh } from './refresh.ts';
import { CommandRefused } from './refusals.ts';
import { approve, cancelOrder, cancelVerification, giveInformation, refuse } from './verify.ts';

/** The order aggregate. @throws CommandRefused, ApproverRefused, UnknownVerification */
export const orderDecider: Decider<OrderCommand, OrderState, OrderDomainEvent> = {
  decide,
  evolve,
  initialState,
};

function decide(command: OrderCommand, state: OrderState): OrderDomainEvent[] {
  const decision = new Decision(state, command.now);
  if (command.type === 'RecordCaseOutcome') record(decision, command);
  else if (command.type === 'DeleteOrder') remove(decision, command.by);
  else {
    checkPhase(command, state);
    act(decision, command);
  }
  if (decision.state.phase === 'open') complete(decision.recordStatus());
  return decision.events;
}

/** @throws CommandRefused for a second order with the same id, and for an order that does not exist any more */
function checkPhase({ type }: OrderCommand, { phase }: OrderState): void {
  if (phase === 'deleted') throw new CommandRefused('ORDER_DELETED', 'the order was deleted');
  if ((phase === 'new') !== (type === 'CreateOrder'))
    throw new CommandRefused('ORDER_UNKNOWN', 'there is no such order');
}

function act(
  decision: Decision,
  command: Exclude<OrderCommand, { type: 'RecordCaseOutcome' | 'DeleteOrder' }>,
): void {
  switch (command.type) {
    case 'CreateOrder':
      return create(decision, command);
    case 'ApproveVerification':
      return approve(decision, command.verificationId, command.by);
    case 'RefuseVerification':
      return refuse(decision, command.verificationId, command.by);
    case 'GiveInformation':
      return giveInformation(decision, command, command.by);
    case 'CancelVerification':
      return cancelVerification(decision, command.verificationId, command.by);
    case 'CancelOrder':
      return cancelOrder(decision, command.by);
    case 'RefreshOrder':
      return refresh(decision, command);
  }
}

function record(decision: Decision, command: RecordCaseOutcome): void {
  const { phase } = decision.state;
  if (phase === 'open') recordOutcome(decision, command);
  // The case was submitted while its order was deleted.
  else if (phase === 'deleted' && command.outcome.type === 'linked')
    decision.command('DeleteCase', command.caseId, null);
}

/** Deletes an order with its cases. A deleted one stays as it is. */
function remove(decision: Decision, by: NonNullable<OrderState['createdBy']>): void {
  const { phase, verifications, tasks } = decision.state;
  if (phase !== 'open') return;
  decision.add({
    type: 'OrderDeleted',
    verificationIds: [...verifications.keys()],
    deletedBy: by,
  });
  for (const { caseId, status } of tasks.values())
    if (status !== 'removed') decision.command('DeleteCase', caseId, by);
}

/** The completion is recorded once: when every verification is completed or canceled for the first time. */
function complete(decision: Decision): void {
  const { completed, status, verifications } = decision.state;
  if (completed || (status !== 'completed' && status !== 'canceled')) return;
  const results = [...verifications.values()].map(({ verificationId, state }) => {
    const isCompleted = state === 'completed';
    const caseIds = tasksOf(decision.state, verificationId)
      .filter((task) =>
        isCompleted ? successfulStatuses.has(task.status) : task.status !== 'removed',
      )
      .map(({ caseId }) => caseId);
    return {
      verificationId,
      state: isCompleted ? ('completed' as const) : ('canceled' as const),
      caseIds,
    };
  });
  decision.add({ type: 'OrderCompleted', status, results });
}
