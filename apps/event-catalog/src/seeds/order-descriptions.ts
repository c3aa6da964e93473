import type { TypeDescription } from './seed.ts';

const orderFields = {
  orderId: '7d9a3f10-5c2e-4b61-8f0a-2e6c9b1d4a53',
  orderNumber: 'CW-2026-000184',
  userId: 'user-311',
  templateId: null,
  metadata: { branch: 'north' },
  occurredAt: '2026-01-22T10:30:00.000Z',
};
const connectionFields = { employerId: 'employer-77', dataSource: 'payroll', linkId: 'link-12' };

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
    }),
  ],
  [
    'order.status_updated',
    orderType('A task of the order succeeded, and the status of the order changed with it', {
      ...orderFields,
      ...connectionFields,
      status: 'processing',
    }),
  ],
  [
    'order.completed',
    orderType('Every verification of the order is completed or canceled', {
      ...orderFields,
      status: 'completed',
    }),
  ],
  [
    'order.refresh_failed',
    orderType('A refresh of the order failed', {
      ...orderFields,
      ...connectionFields,
      status: 'login_error',
    }),
  ],
  [
    'verification.state_changed',
    orderType('The state of a verification of an order changed', {
      ...orderFields,
      verificationId: 'a3c5e7f9-1b2d-4f60-8a7c-9e0d2b4f6a81',
      state: 'action-required',
    }),
  ],
  [
    'task.status_updated',
    orderType('The status of an attempt to connect changed; failures are included', {
      ...orderFields,
      taskId: 'b4d6f8a0-2c3e-4a71-9b8d-0f1e3c5a7b92',
      trackingInfo: 'employer-77',
      status: 'connected',
    }),
  ],
];
