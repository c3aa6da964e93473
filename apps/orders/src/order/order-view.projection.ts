import type { Projection } from '@casewire/event-sourcing';

import type { OrderDomainEvent } from './order-domain-event.ts';
import { orderViews } from './views/order-views.ts';
import { taskViews } from './views/task-views.ts';
import { verificationViews } from './views/verification-views.ts';
import type { Applied, ViewHandlers } from './views/view-handlers.ts';

/** The read model behind the API, derived from the domain events of orders. */
export const orderViewProjection: Projection<OrderDomainEvent> = {
  tables: [
    'order_view',
    'verification_view',
    'information_view',
    'task_view',
    'report_view',
    'order_refresh_view',
  ],
  async apply(client, events) {
    for (const { streamId: orderId, event } of events) await applyOne({ client, orderId, event });
  },
};

const views: readonly ViewHandlers[] = [orderViews, verificationViews, taskViews];

async function applyOne(applied: Applied<OrderDomainEvent['type']>): Promise<void> {
  for (const handlers of views) {
    // The compiler does not relate the handler of one type to the event of that type.
    const handler = handlers[applied.event.type] as
      | ((of: typeof applied) => Promise<unknown>)
      | undefined;
    await handler?.(applied);
  }
}
