import { event, occurredAt, type SampleEvents } from './sample-event.ts';

const orderId = '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10';
const verificationId = '0b9f1f0e-3a53-4f3f-9d43-5f0f2f5b7c11';
const employerId = '31e2fdc5-bf0c-42d4-bd2e-b16f49066b0d';
const ofOrder = {
  orderId,
  orderNumber: 'CW-7F3K-9QXD',
  userId: 'a6f0c1f4-0d8e-4c52-9a6b-7e1d2c3b4a59',
  templateId: 'casewire.income',
  templateVersion: 1,
  metadata: { test_key: 'test_value' },
  occurredAt,
};
const ofTask = {
  verificationId,
  taskId: '521442a0-8760-4e59-9c63-7db310d07402',
  caseId: '6850abc1-23de-4f45-8ab7-89c0de1f2a3b',
};

export const orderEvents: SampleEvents = [
  [
    'order.created',
    event('order.created', { ...ofOrder, status: 'pending', verificationIds: [verificationId] }),
  ],
  [
    'order.status_updated',
    event('order.status_updated', {
      ...ofOrder,
      employerId,
      dataSource: 'docs',
      linkId: ofTask.taskId,
      status: 'completed',
      ...ofTask,
      reportId: '7c2e9a10-4b5d-4f6e-8a7b-9c0d1e2f3a4b',
    }),
  ],
  [
    'order.completed',
    event('order.completed', {
      ...ofOrder,
      status: 'completed',
      results: [{ verificationId, state: 'completed', caseIds: [ofTask.caseId] }],
    }),
  ],
  [
    'order.refresh_failed',
    event('order.refresh_failed', {
      ...ofOrder,
      employerId: null,
      dataSource: 'docs',
      linkId: ofTask.taskId,
      status: 'DEADLINE_EXCEEDED',
      refreshId: '8d3fab21-5c6e-4a7f-9b8c-0d1e2f3a4b5c',
      ...ofTask,
    }),
  ],
  [
    'verification.state_changed',
    event('verification.state_changed', {
      ...ofOrder,
      verificationId,
      method: 'documents',
      state: 'action-required',
      previousState: 'processing',
      reason: 'TASK_FAILED',
    }),
  ],
  [
    'task.status_updated',
    event('task.status_updated', {
      ...ofOrder,
      ...ofTask,
      trackingInfo: employerId,
      status: 'failed',
      reason: 'DOCUMENT_TYPE_MISSING',
    }),
  ],
];
