import { createHmac } from 'node:crypto';

import type { OrderView, TaskView } from '@casewire/contracts';
import type { ReceivedRequest } from '@casewire/testing';
import { expect } from 'vitest';

import type { Listener } from '../test-platform.ts';
import { bodyOf, expectSigned, headerOf } from './received.ts';

/** An event of Truv: its name, the order that it is about, and its own fields. */
export interface TruvEvent {
  name: string;
  order: Pick<OrderView, 'userId' | 'templateId'>;
  fields: Record<string, string | null>;
}

export const created = (order: OrderView): TruvEvent => ({
  name: 'order-created',
  order,
  fields: {
    link_id: null,
    data_source: null,
    order_id: order.id,
    order_number: order.number,
    employer_id: null,
    status: 'pending',
  },
});

const connected = (order: OrderView, { id, trackingInfo }: TaskView, status: string) => ({
  link_id: id,
  data_source: 'docs',
  order_id: order.id,
  order_number: order.number,
  employer_id: trackingInfo,
  status,
});

/** @param status the status of the order */
export const statusUpdated = (order: OrderView, task: TaskView, status: string): TruvEvent => ({
  name: 'order-status-updated',
  order,
  fields: connected(order, task, status),
});

/** @param status the status of the failure */
export const refreshFailed = (order: OrderView, task: TaskView, status: string): TruvEvent => ({
  name: 'order-refresh-failed',
  order,
  fields: connected(order, task, status),
});

/** @param status the status of the task */
export const taskUpdated = (order: OrderView, task: TaskView, status: string): TruvEvent => ({
  name: 'task-status-updated',
  order,
  fields: { task_id: task.id, tracking_info: task.trackingInfo, status },
});

export const nameOf = (request: ReceivedRequest): string => bodyOf(request).event_type as string;
export const timeOf = (request: ReceivedRequest): string => bodyOf(request).updated_at as string;

/** Checks every field of the body, and both signatures of a request. @param occurredAt the time of the event */
export function expectTruv(
  request: ReceivedRequest,
  { endpoint: { secret } }: Listener,
  { name, order: { userId, templateId }, fields }: TruvEvent,
  occurredAt: string,
): void {
  expect(bodyOf(request)).toStrictEqual({
    webhook_id: headerOf(request, 'webhook-id'),
    event_type: name,
    event_created_at: occurredAt,
    updated_at: occurredAt,
    user_id: userId,
    template_id: templateId,
    ...fields,
  });
  // The key is the text of the secret.
  const hash = createHmac('sha256', secret).update(request.body).digest('hex');
  expect(request.headers['x-webhook-sign']).toBe(`v1=${hash}`);
  expectSigned(request, secret);
}
