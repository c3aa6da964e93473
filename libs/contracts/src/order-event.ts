import { z } from 'zod';

/** The data that every event of an order has. */
const aboutOrder = {
  orderId: z.uuid(),
  /** The number that people read. */
  orderNumber: z.string(),
  /** The person that the order is about, by the orderer's own data. */
  userId: z.string().nullable(),
  templateId: z.string().nullable(),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  occurredAt: z.iso.datetime(),
};

export const OrderStatus = z.enum(['pending', 'processing', 'completed', 'canceled', 'failed']);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const OrderCreatedData = z.object({ ...aboutOrder, status: z.literal('pending') });
export type OrderCreatedData = z.infer<typeof OrderCreatedData>;

/** A task of the order succeeded, and the order's status changed with it. */
export const OrderStatusUpdatedData = z.object({
  ...aboutOrder,
  employerId: z.string().nullable(),
  dataSource: z.string().nullable(),
  linkId: z.string().nullable(),
  status: OrderStatus,
});
export type OrderStatusUpdatedData = z.infer<typeof OrderStatusUpdatedData>;

/** Every verification of the order is completed or canceled. */
export const OrderCompletedData = z.object({ ...aboutOrder, status: OrderStatus });
export type OrderCompletedData = z.infer<typeof OrderCompletedData>;

export const OrderRefreshFailedData = z.object({
  ...aboutOrder,
  employerId: z.string().nullable(),
  dataSource: z.string().nullable(),
  linkId: z.string().nullable(),
  /** The code of the failure. */
  status: z.string(),
});
export type OrderRefreshFailedData = z.infer<typeof OrderRefreshFailedData>;

export const VerificationState = z.enum([
  'pending-approval',
  'processing',
  'action-required',
  'completed',
  'canceled',
  'invalid',
]);
export type VerificationState = z.infer<typeof VerificationState>;

export const VerificationStateChangedData = z.object({
  ...aboutOrder,
  verificationId: z.uuid(),
  state: VerificationState,
});
export type VerificationStateChangedData = z.infer<typeof VerificationStateChangedData>;

/** Number of attempts to connect, with failed ones. */
export const TaskStatusUpdatedData = z.object({
  ...aboutOrder,
  taskId: z.uuid(),
  /** The order's employer id. */
  trackingInfo: z.string().nullable(),
  status: z.string(),
});
export type TaskStatusUpdatedData = z.infer<typeof TaskStatusUpdatedData>;
