import { event, occurredAt, type SampleEvents } from './sample-event.ts';

const orderId = '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10';
const ofOrder = {
  orderId,
  orderNumber: 'CW-2026-000042',
  userId: 'user_123',
  templateId: null,
  metadata: { test_key: 'test_value' },
  occurredAt,
};

export const orderEvents: SampleEvents = [
  ['order.created', event('order.created', { ...ofOrder, status: 'pending' })],
  [
    'order.status_updated',
    event('order.status_updated', {
      ...ofOrder,
      employerId: '31e2fdc5bf0c42d4bd2eb16f49066b0d',
      dataSource: 'docs',
      linkId: null,
      status: 'completed',
    }),
  ],
  ['order.completed', event('order.completed', { ...ofOrder, status: 'completed' })],
  [
    'order.refresh_failed',
    event('order.refresh_failed', {
      ...ofOrder,
      employerId: null,
      dataSource: null,
      linkId: null,
      status: 'unavailable',
    }),
  ],
  [
    'verification.state_changed',
    event('verification.state_changed', {
      ...ofOrder,
      verificationId: '0b9f1f0e-3a53-4f3f-9d43-5f0f2f5b7c11',
      state: 'action-required',
    }),
  ],
  [
    'task.status_updated',
    event('task.status_updated', {
      ...ofOrder,
      taskId: '521442a0-8760-4e59-9c63-7db310d07402',
      trackingInfo: '31e2fdc5bf0c42d4bd2eb16f49066b0d',
      status: 'login_error',
    }),
  ],
];
