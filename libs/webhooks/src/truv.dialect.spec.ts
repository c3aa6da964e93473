import { createHmac } from 'node:crypto';

import { expect, test } from 'vitest';

import { requestOf, secret } from '../test/golden/golden-request.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import type { DeliverableEvent } from './dialect.ts';
import { encodeSecret } from './secret.ts';
import { truv } from './truv.dialect.ts';

const named = (label: string): DeliverableEvent => sampleEvents.get(label)!;
const bodyOf = (label: string) =>
  JSON.parse(requestOf(truv, named(label), 1).body.toString()) as Record<string, unknown>;
const common = [
  'webhook_id',
  'event_type',
  'event_created_at',
  'updated_at',
  'user_id',
  'template_id',
];
const orderFields = ['link_id', 'data_source', 'order_id', 'order_number', 'employer_id', 'status'];
const all = [
  'order.created',
  'order.status_updated',
  'order.refresh_failed',
  'task.status_updated',
  'link.disconnected',
  'endpoint.ping',
];

test('TV-1 the events of orders are delivered, and the other events that Truv has a name for', () => {
  expect([...truv.eventNames!.keys()]).toEqual([
    'order-created',
    'order-status-updated',
    'order-refresh-failed',
    'task-status-updated',
    'link-disconnected',
  ]);
  for (const [name, types] of truv.eventNames!) {
    for (const type of types) expect(truv.nameOf(named(type))).toBe(name);
  }
  expect(truv.nameOf(named('order.completed'))).toBeNull();
});

test.each(all)(
  'TV-2 TV-3 TV-4 TV-5 TV-6 TV-7 %s has the six common fields in their order',
  (label) => {
    const event = named(label);
    const body = bodyOf(label);
    expect(Object.keys(body).slice(0, 6)).toEqual(common);
    expect(body).toMatchObject({
      webhook_id: event.id,
      event_type: truv.nameOf(event),
      event_created_at: event.occurredAt,
      updated_at: event.occurredAt,
      user_id: event.data.userId ?? event.data.user_id ?? null,
      template_id: event.data.templateId ?? event.data.template_id ?? null,
    });
  },
);

test.each(all)('TV-8 the body of %s is flat', (label) => {
  for (const value of Object.values(bodyOf(label))) {
    expect(value === null || typeof value === 'string').toBe(true);
  }
});

test('part of TV-10: in order-created link_id, data_source and employer_id are null', () => {
  const body = bodyOf('order.created');
  expect(Object.keys(body)).toEqual([...common, ...orderFields]);
  expect([body.link_id, body.data_source, body.employer_id]).toEqual([null, null, null]);
});

test('part of TV-11: in order-created the status is pending', () => {
  expect(bodyOf('order.created').status).toBe('pending');
});

test.each(['order.created', 'order.status_updated', 'order.refresh_failed'])(
  'part of TV-12 TV-13: %s has the id and the number of the order',
  (label) => {
    expect(bodyOf(label).order_id).toBe(named(label).data.orderId);
    expect(bodyOf(label).order_number).toBe('CW-7F3K-9QXD');
  },
);

test('part of TV-14 TV-15: only order.status_updated, after a task of the order succeeded, is sent as order-status-updated', () => {
  const made = [...sampleEvents.values()].filter(
    (event) => truv.nameOf(event) === 'order-status-updated',
  );
  expect(made.map(({ type }) => type)).toEqual(['order.status_updated']);
});

test('part of TV-16: employer_id is the employer, or null', () => {
  expect(bodyOf('order.status_updated').employer_id).toBe('31e2fdc5-bf0c-42d4-bd2e-b16f49066b0d');
  expect(bodyOf('order.refresh_failed').employer_id).toBeNull();
});

test('part of TV-17: status is the status of the order', () => {
  expect(bodyOf('order.status_updated').status).toBe('completed');
});

test("part of TV-18: task-status-updated also reports failures; its tracking_info is the order's employer_id", () => {
  const body = bodyOf('task.status_updated');
  expect(body.event_type).toBe('task-status-updated');
  expect(body.status).toBe('failed');
  expect(body.tracking_info).toBe(bodyOf('order.status_updated').employer_id);
});

test('part of TV-20 TV-22: order-refresh-failed has the status of the failure', () => {
  const body = bodyOf('order.refresh_failed');
  expect(body.event_type).toBe('order-refresh-failed');
  expect(body.status).toBe('DEADLINE_EXCEEDED');
});

test('part of TV-21: order-refresh-failed has the fields of its order, link-disconnected does not', () => {
  expect(Object.keys(bodyOf('order.refresh_failed'))).toEqual([...common, ...orderFields]);
  expect(Object.keys(bodyOf('link.disconnected'))).toEqual([
    ...common,
    'link_id',
    'employer_id',
    'disconnected_at',
  ]);
});

test.each(all)(
  'TV-L1 X-WEBHOOK-SIGN of %s is v1= and the hex HMAC-SHA256 of the raw body with the text of the secret as key',
  (label) => {
    const { headers, body } = requestOf(truv, named(label), 1);
    const hash = createHmac('sha256', encodeSecret(secret)).update(body).digest('hex');
    expect(headers['x-webhook-sign']).toBe(`v1=${hash}`);
  },
);

test('TV-L1 an attempt may take 10 s', () => {
  expect(truv.timeoutMs).toBe(10_000);
});

test('TV-L1 updated_at increases with the events of an order', () => {
  const later = { ...named('order.status_updated'), occurredAt: '2026-02-04T14:09:00.000Z' };
  const { updated_at: at } = JSON.parse(requestOf(truv, later, 1).body.toString()) as {
    updated_at: string;
  };
  expect(Date.parse(at)).toBeGreaterThan(Date.parse(bodyOf('order.created').updated_at as string));
});
