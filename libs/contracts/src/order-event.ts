import { z } from 'zod';

/** The data that every event of an order has. Of the user only an id is part of it. */
const aboutOrder = {
  orderId: z.uuid(),
  /** The number that people read, such as `CW-7F3K-9QXD`. */
  orderNumber: z.string(),
  /** The user that the order is about: the same id in every order about this user; null if the order names none. */
  userId: z.uuid().nullable(),
  templateId: z.string(),
  templateVersion: z.int().positive(),
  /** As the order has it; empty once the order is erased. */
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  occurredAt: z.iso.datetime(),
};

export const OrderStatus = z.enum(['pending', 'processing', 'completed', 'canceled', 'failed']);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const VerificationState = z.enum([
  'pending-approval',
  'processing',
  'action-required',
  'completed',
  'canceled',
  'invalid',
]);
export type VerificationState = z.infer<typeof VerificationState>;

/** How the data of a verification are obtained. */
export const VerificationMethod = z.enum(['instant', 'documents', 'outreach']);
export type VerificationMethod = z.infer<typeof VerificationMethod>;

export const TaskStatus = z.enum([
  'processing',
  'action_required',
  'succeeded',
  'failed',
  'rejected',
  'canceled',
  'refreshing',
  'refresh_failed',
  'removed',
]);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const OrderCreatedData = z.object({
  ...aboutOrder,
  status: z.literal('pending'),
  verificationIds: z.array(z.uuid()).min(1),
});
export type OrderCreatedData = z.infer<typeof OrderCreatedData>;

/** What connects an event with a verification's source of data. */
const aboutConnection = {
  /** The employer, bank or other source that the verification is about; null if the order names none. */
  employerId: z.uuid().nullable(),
  /** How the data came: from documents. */
  dataSource: z.enum(['docs']).nullable(),
  /** The task that brought the data. */
  linkId: z.uuid().nullable(),
};

/** A task of the order succeeded. Each successful task, and each refresh of one, makes a report. */
export const OrderStatusUpdatedData = z.object({
  ...aboutOrder,
  ...aboutConnection,
  status: OrderStatus,
  verificationId: z.uuid(),
  taskId: z.uuid(),
  caseId: z.uuid(),
  reportId: z.uuid(),
});
export type OrderStatusUpdatedData = z.infer<typeof OrderStatusUpdatedData>;

/** Every verification of the order is completed or canceled. */
export const OrderCompletedData = z.object({
  ...aboutOrder,
  status: z.enum(['completed', 'canceled']),
  /** The cases whose results are those of the verification. */
  results: z.array(
    z.object({
      verificationId: z.uuid(),
      state: z.enum(['completed', 'canceled']),
      caseIds: z.array(z.uuid()),
    }),
  ),
});
export type OrderCompletedData = z.infer<typeof OrderCompletedData>;

/** The refresh of a task failed: its results before stay. */
export const OrderRefreshFailedData = z.object({
  ...aboutOrder,
  ...aboutConnection,
  /** The code of the failure. */
  status: z.string(),
  refreshId: z.uuid(),
  verificationId: z.uuid(),
  taskId: z.uuid(),
  caseId: z.uuid(),
});
export type OrderRefreshFailedData = z.infer<typeof OrderRefreshFailedData>;

export const VerificationStateChangedData = z.object({
  ...aboutOrder,
  verificationId: z.uuid(),
  method: VerificationMethod,
  state: VerificationState,
  /** The state before; null for the first one. */
  previousState: VerificationState.nullable(),
  /** Why: a stable code, such as `TASK_SUCCEEDED`. */
  reason: z.string(),
});
export type VerificationStateChangedData = z.infer<typeof VerificationStateChangedData>;

/** The status of a task changed: of any task, failed ones too. */
export const TaskStatusUpdatedData = z.object({
  ...aboutOrder,
  taskId: z.uuid(),
  verificationId: z.uuid(),
  caseId: z.uuid(),
  /** The employerId of the order's events; null if the order names no employer. */
  trackingInfo: z.uuid().nullable(),
  status: TaskStatus,
  /** Why the task has no success: a stable code; null for other statuses. */
  reason: z.string().nullable(),
});
export type TaskStatusUpdatedData = z.infer<typeof TaskStatusUpdatedData>;

/** Internal: delivery cancels what is open for the order and erases what it stored; cases accept no submissions for it. */
export const OrderErasedData = z.object({
  orderId: z.uuid(),
  verificationIds: z.array(z.uuid()),
  occurredAt: z.iso.datetime(),
});
export type OrderErasedData = z.infer<typeof OrderErasedData>;
