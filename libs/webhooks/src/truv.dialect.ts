import { createHmac } from 'node:crypto';

import type { DeliverableEvent, Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';
import { vendorKey } from './vendor-key.ts';

const eventNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['order-created', ['order.created']],
  ['order-status-updated', ['order.status_updated']],
  ['order-refresh-failed', ['order.refresh_failed']],
  ['task-status-updated', ['task.status_updated']],
  ['link-disconnected', ['link.disconnected']],
]);
const names = new Map(
  [...eventNames].flatMap(([name, types]) => types.map((type) => [type, name] as const)),
);

// Truv has no test event.
const nameOf = ({ type }: DeliverableEvent): string | null =>
  type === 'endpoint.ping' ? 'endpoint-ping' : (names.get(type) ?? null);

/** Truv: a flat body, and a signature over the body alone (TV-2 to TV-8, TV-L1). */
export const truv: Dialect = {
  name: 'truv',
  eventNames,
  nameOf,
  body: (event) => ({
    webhook_id: event.id,
    event_type: nameOf(event),
    event_created_at: event.occurredAt,
    // Receivers order events by this field.
    updated_at: event.occurredAt,
    user_id: event.data.userId ?? event.data.user_id ?? null,
    template_id: event.data.templateId ?? event.data.template_id ?? null,
    ...fieldsOf(event),
  }),
  headers: () => ({}),
  attemptHeaders: (body, _attempt, credentials) => ({
    'x-webhook-sign': `v1=${createHmac('sha256', vendorKey(credentials)).update(body).digest('hex')}`,
  }),
  secretHeaders: [],
  schedule: standardSchedule,
  timeoutMs: 10_000,
};

function fieldsOf({ type, data }: DeliverableEvent): Record<string, unknown> {
  switch (type) {
    case 'task.status_updated':
      return { task_id: data.taskId, tracking_info: data.trackingInfo, status: data.status };
    case 'link.disconnected':
      return {
        link_id: data.link_id,
        employer_id: data.employer_id,
        disconnected_at: data.disconnected_at,
      };
    case 'endpoint.ping':
      return { message: data.message };
    default:
      return {
        // An order that was just created has no links yet: these fields are null (TV-10).
        link_id: data.linkId ?? null,
        data_source: data.dataSource ?? null,
        order_id: data.orderId,
        order_number: data.orderNumber,
        employer_id: data.employerId ?? null,
        status: data.status,
      };
  }
}
