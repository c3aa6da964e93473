import { CaseCommandMessage, casewireEvents } from '@casewire/contracts';
import type { StoredEvent } from '@casewire/event-sourcing';
import { expect, test } from 'vitest';

import {
  after,
  commandId,
  creating,
  deleting,
  happens,
  idOf,
  orderer,
  orderId,
  refreshing,
  successful,
  tenant,
  verification,
  type Trial,
} from '../../test/order-trial.ts';
import type { OrderDomainEvent } from '../order/order-domain-event.ts';
import { recordsOf, type OrderContext } from './order-records.ts';

const created = creating(verification('income'));
const context: OrderContext = {
  ...tenant,
  number: 'CW-7F3K-9QXD',
  templateId: 'casewire.income',
  templateVersion: 1,
  userId: idOf('user'),
  metadata: { branch: 'north' },
  correlationId: null,
  verifications: new Map([[idOf('income'), { method: 'documents', employerId: idOf('employer') }]]),
};

const stored = (events: readonly OrderDomainEvent[]): StoredEvent<OrderDomainEvent>[] =>
  events.map((event, i) => ({
    seq: BigInt(i),
    streamId: orderId,
    version: i + 1,
    event,
    traceparent: null,
  }));
const recordsAfter = ({ events }: Trial, given = context) =>
  stored(events).flatMap((event) => recordsOf(event, given));
const published = (trial: Trial, type: string, given = context) =>
  recordsAfter(trial, given)
    .filter(({ headers }) => headers!.ce_type === type)
    .map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>);

const about = {
  orderId,
  orderNumber: 'CW-7F3K-9QXD',
  userId: idOf('user'),
  templateId: 'casewire.income',
  templateVersion: 1,
  metadata: { branch: 'north' },
  occurredAt: expect.any(String) as string,
};
const completed = after(created, ...successful('a', 'income'));

test('the events of an order are published under its id, in the order of its domain events', () => {
  const records = recordsAfter(completed);
  expect(records.map(({ headers }) => headers!.ce_type)).toEqual([
    'order.created',
    'verification.state_changed',
    'task.status_updated',
    'task.status_updated',
    'verification.state_changed',
    'order.status_updated',
    'order.completed',
  ]);
  for (const { topic, key } of records) expect([topic, key]).toEqual(['events.casewire', orderId]);
  expect(new Set(records.map(({ headers }) => headers!.ce_id)).size).toBe(records.length);
  expect(records[0]!.headers).toEqual({
    ce_specversion: '1.0',
    ce_id: `${orderId}/1`,
    ce_source: '/casewire/orders',
    ce_type: 'order.created',
    ce_time: '2026-01-01T10:00:00.000Z',
    ce_subject: orderId,
    ce_organization: tenant.organizationId,
    ce_environment: 'sandbox',
    'content-type': 'application/json',
  });
});

test('every event follows its contract', () => {
  const refresh = [created, ...successful('a', 'income'), refreshing()];
  const failed = after(
    ...refresh,
    happens.refreshFailed('a', commandId(after(...refresh))),
    deleting,
  );
  const events = recordsAfter(failed).filter(({ topic }) => topic === 'events.casewire');
  for (const { headers, value } of events) {
    const data = JSON.parse(String(value)) as unknown;
    expect(casewireEvents.get(headers!.ce_type!)!.strict().parse(data)).toEqual(data);
  }
  expect(events.map(({ headers }) => headers!.ce_type)).toEqual(
    expect.arrayContaining(['order.refresh_failed', 'order.erased']),
  );
});

test('order.created has the verifications, and the status pending', () => {
  expect(published(completed, 'order.created')).toEqual([
    { ...about, status: 'pending', verificationIds: [idOf('income')] },
  ]);
});

test('order.status_updated has the status of the order, its employer, and the report', () => {
  expect(published(completed, 'order.status_updated')).toEqual([
    {
      ...about,
      status: 'completed',
      employerId: idOf('employer'),
      dataSource: 'docs',
      linkId: completed.state.tasks.get(idOf('a'))!.id,
      verificationId: idOf('income'),
      taskId: completed.state.tasks.get(idOf('a'))!.id,
      caseId: idOf('a'),
      reportId: expect.any(String) as string,
    },
  ]);
});

test('task.status_updated tracks the employer of its order', () => {
  for (const one of published(completed, 'task.status_updated'))
    expect(one.trackingInfo).toBe(idOf('employer'));
});

test('the correlation id is a header; an erased order has no metadata any more', () => {
  const correlated = recordsAfter(completed, { ...context, correlationId: 'request-7' });
  for (const { headers } of correlated) expect(headers!.ce_correlationid).toBe('request-7');
  const erased = published(completed, 'order.created', { ...context, metadata: {} });
  expect(erased[0]!.metadata).toEqual({});
});

test('a command goes to the topic of cases, under the id of the case', () => {
  const { events } = after(created, ...successful('a', 'income'), refreshing(), deleting);
  const commands = stored(events)
    .flatMap((event) => recordsOf(event, context))
    .filter(({ topic }) => topic === 'cases.commands');
  expect(commands.map(({ value }) => CaseCommandMessage.parse(JSON.parse(String(value))))).toEqual([
    {
      type: 'RefreshCase',
      commandId: expect.any(String) as string,
      caseId: idOf('a'),
      ...tenant,
      requestedBy: orderer,
      stages: null,
      uploadIds: null,
    },
    {
      type: 'DeleteCase',
      commandId: expect.any(String) as string,
      caseId: idOf('a'),
      ...tenant,
      requestedBy: orderer,
    },
  ]);
  for (const { key } of commands) expect(key).toBe(idOf('a'));
});
