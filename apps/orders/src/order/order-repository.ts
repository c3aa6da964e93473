import { append, readStream, stateAfter } from '@casewire/event-sourcing';
import { currentTraceparent } from '@casewire/telemetry';
import type { PoolClient } from 'pg';

import type { OrderCommand } from './order-command.ts';
import type { OrderDomainEvent } from './order-domain-event.ts';
import { orderViewProjection } from './order-view.projection.ts';
import { orderDecider } from './order.ts';

/**
 * Executes a command on an order: loads its state, decides, appends the domain events and updates the read model, all in the
 * caller's transaction. The order stays locked until that transaction ends.
 * @returns the domain events that the command produced
 * @throws what the decision throws
 */
export async function execute(
  client: PoolClient,
  orderId: string,
  command: OrderCommand,
): Promise<OrderDomainEvent[]> {
  const { version, events } = await readStream<OrderDomainEvent>(client, orderId);
  const decided = orderDecider.decide(command, stateAfter(orderDecider, events));
  const stored = await append(client, {
    streamId: orderId,
    expectedVersion: version,
    events: decided,
    traceparent: currentTraceparent(),
  });
  await orderViewProjection.apply(client, stored);
  return decided;
}
