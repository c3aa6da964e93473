import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { DomainEventOf } from '../order-domain-event.ts';
import type { ViewHandlers } from './view-handlers.ts';

/** The rows of orders and their refreshes. */
export const orderViews: ViewHandlers = {
  OrderCreated: ({ client, event }) => insertOrder(client, event),
  OrderStatusChanged: ({ client, orderId, event }) =>
    client.query('update order_view set status = $2 where id = $1', [orderId, event.status]),
  OrderCompleted: ({ client, orderId, event }) =>
    client.query('update order_view set completed_at = $2 where id = $1', [orderId, event.at]),
  OrderDeleted: async ({ client, orderId, event }) => {
    await client.query('update order_view set deleted = true where id = $1', [orderId]);
    // Nobody waits for a refresh of a deleted order.
    await client.query(
      `update order_refresh_view set status = 'failed', finished_at = $2 where order_id = $1 and finished_at is null`,
      [orderId, event.at],
    );
  },
  RefreshRequested: ({ client, orderId, event }) => insertRefresh(client, orderId, event),
  RefreshFinished: ({ client, event }) =>
    client.query('update order_refresh_view set status = $2, finished_at = $3 where id = $1', [
      event.refreshId,
      event.status,
      event.at,
    ]),
};

async function insertOrder(client: PoolClient, event: DomainEventOf<'OrderCreated'>) {
  const { orderId, organizationId, environment, number, templateId, templateVersion, userId } =
    event;
  await client.query(
    named(
      `insert into order_view (id, organization_id, environment, number, status, template_id, template_version, user_id,
         created_by, created_at)
       values (:orderId, :organizationId, :environment, :number, 'pending', :templateId, :templateVersion, :userId,
         :createdBy, :at)`,
      {
        orderId,
        organizationId,
        environment,
        number,
        templateId,
        templateVersion,
        userId,
        createdBy: JSON.stringify(event.createdBy),
        at: event.at,
      },
    ),
  );
}

async function insertRefresh(
  client: PoolClient,
  orderId: string,
  { refreshId, taskIds, requestedBy, at }: DomainEventOf<'RefreshRequested'>,
): Promise<void> {
  await client.query(
    `insert into order_refresh_view (id, order_id, status, task_ids, requested_by, requested_at)
     values ($1, $2, 'processing', $3, $4, $5)`,
    [refreshId, orderId, taskIds, JSON.stringify(requestedBy), at],
  );
}
