import type { Decision } from './decision.ts';
import type { CreateOrder } from './order-command.ts';

/** Creates an order. Its verifications take their first states after it: none of them changes before the order exists. */
export function create(decision: Decision, command: CreateOrder): void {
  const { type: _, by: createdBy, now: __, ...order } = command;
  decision.add({ type: 'OrderCreated', ...order, createdBy });
  for (const { verificationId, approval } of command.verifications) {
    const [state, reason] =
      approval === 'none'
        ? (['processing', 'ORDER_CREATED'] as const)
        : (['pending-approval', 'APPROVAL_REQUIRED'] as const);
    decision.move(verificationId, state, { reason, by: createdBy });
  }
}
