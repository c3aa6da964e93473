import type { TypeDescription } from './seed.ts';

const verificationId = 'a3c5e7f9-1b2d-4f60-8a7c-9e0d2b4f6a81';
const employerId = 'c5e7f9a1-3d4f-4b82-8cae-1f2a4b6c8d03';
const taskId = 'b4d6f8a0-2c3e-4a71-9b8d-0f1e3c5a7b92';
const caseId = '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69';
const orderFields = {
  orderId: '7d9a3f10-5c2e-4b61-8f0a-2e6c9b1d4a53',
  orderNumber: 'CW-7F3K-9QXD',
  userId: 'd6f8a0b2-4e5a-4c93-9dbf-2a3b5c7d9e14',
  templateId: 'casewire.income',
  templateVersion: 1,
  metadata: { branch: 'north' },
  occurredAt: '2026-01-22T10:30:00.000Z',
};
const taskFields = { verificationId, taskId, caseId };
const connectionFields = { employerId, dataSource: 'docs', linkId: taskId };

const orderType = (trigger: string, sample: object): TypeDescription => ({
  category: 'Order',
  trigger,
  sample,
});

/** The event types of orders, by name. */
export const orderDescriptions: readonly (readonly [string, TypeDescription])[] = [
  [
    'order.created',
    orderType('An order was created, before any change of its status', {
      ...orderFields,
      status: 'pending',
      verificationIds: [verificationId],
    }),
  ],
  [
    'order.status_updated',
    orderType('A task of the order, or the refresh of one, succeeded: there is a new report', {
      ...orderFields,
      ...connectionFields,
      status: 'completed',
      ...taskFields,
      reportId: 'e7a9b1c3-5f6b-4da4-8ec0-3b4c6d8e0f25',
    }),
  ],
  [
    'order.completed',
    orderType('Every verification of the order is completed or canceled', {
      ...orderFields,
      status: 'completed',
      results: [{ verificationId, state: 'completed', caseIds: [caseId] }],
    }),
  ],
  [
    'order.refresh_failed',
    orderType('The refresh of a task of the order failed: the results before stay', {
      ...orderFields,
      ...connectionFields,
      status: 'DEADLINE_EXCEEDED',
      refreshId: 'f8b0c2d4-6a7c-4eb5-9fd1-4c5d7e9f1a36',
      ...taskFields,
    }),
  ],
  [
    'order.erased',
    orderType('An order was deleted with all of its data', {
      orderId: orderFields.orderId,
      verificationIds: [verificationId],
      occurredAt: orderFields.occurredAt,
    }),
  ],
  [
    'verification.state_changed',
    orderType('The state of a verification of an order changed', {
      ...orderFields,
      verificationId,
      method: 'documents',
      state: 'action-required',
      previousState: 'processing',
      reason: 'TASK_FAILED',
    }),
  ],
  [
    'task.status_updated',
    orderType('The status of a task changed: of any task, failed ones too', {
      ...orderFields,
      ...taskFields,
      trackingInfo: employerId,
      status: 'failed',
      reason: 'DOCUMENT_TYPE_MISSING',
    }),
  ],
];
