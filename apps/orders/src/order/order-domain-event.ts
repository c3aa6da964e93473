import {
  Actor,
  Approval,
  CaseResult,
  DocumentType,
  DocumentVerdict,
  Environment,
  Feature,
  OrderStatus,
  ReviewResolution,
  Stage,
  TaskStatus,
  VerificationMethod,
  VerificationState,
} from '@casewire/contracts';
import { z } from 'zod';

/** When it happened. Events of an order that happen together are a millisecond apart, so that receivers can sort by time. */
const at = z.iso.datetime();
const task = { taskId: z.uuid(), verificationId: z.uuid(), caseId: z.uuid() };

/** A verification as the order was created with it: its template can change later. */
export const OrderedVerification = z.object({
  verificationId: z.uuid(),
  name: z.string(),
  method: VerificationMethod,
  documentTypes: z.array(DocumentType),
  features: z.array(Feature),
  approval: Approval,
  employerId: z.uuid().nullable(),
});
export type OrderedVerification = z.infer<typeof OrderedVerification>;

const order = [
  z.object({
    type: z.literal('OrderCreated'),
    orderId: z.uuid(),
    organizationId: z.uuid(),
    environment: Environment,
    number: z.string(),
    templateId: z.string(),
    templateVersion: z.int().positive(),
    userId: z.uuid().nullable(),
    verifications: z.array(OrderedVerification),
    createdBy: Actor,
    at,
  }),
  z.object({ type: z.literal('OrderStatusChanged'), status: OrderStatus, at }),
  /** Every verification is completed or canceled, for the first time. */
  z.object({
    type: z.literal('OrderCompleted'),
    status: z.enum(['completed', 'canceled']),
    results: z.array(
      z.object({
        verificationId: z.uuid(),
        state: z.enum(['completed', 'canceled']),
        caseIds: z.array(z.uuid()),
      }),
    ),
    at,
  }),
  z.object({
    type: z.literal('OrderDeleted'),
    verificationIds: z.array(z.uuid()),
    deletedBy: Actor,
    at,
  }),
] as const;

const verifications = [
  z.object({
    type: z.literal('VerificationStateChanged'),
    verificationId: z.uuid(),
    state: VerificationState,
    /** Null for the first state. */
    previousState: VerificationState.nullable(),
    /** Why: a code. */
    reason: z.string(),
    /** Who changed it; null where an outcome of a case did. */
    changedBy: Actor.nullable(),
    at,
  }),
  /** Somebody answered a verification that required information. What they said is private data. */
  z.object({
    type: z.literal('InformationGiven'),
    verificationId: z.uuid(),
    informationId: z.uuid(),
    givenBy: Actor,
    at,
  }),
] as const;

const tasks = [
  /** A case was submitted for a verification. */
  z.object({ type: z.literal('TaskCreated'), ...task, stages: z.array(Stage), at }),
  z.object({
    type: z.literal('TaskStatusChanged'),
    ...task,
    status: TaskStatus,
    /** Why the task has no success: a code; null for other statuses. */
    reason: z.string().nullable(),
    at,
  }),
  /** A document of the task's case got a verdict. */
  z.object({
    type: z.literal('TaskDocumentAssessed'),
    ...task,
    uploadId: z.uuid(),
    documentType: DocumentType,
    verdict: DocumentVerdict,
    at,
  }),
  /** A review of the task's case was resolved. */
  z.object({
    type: z.literal('TaskReviewed'),
    ...task,
    resolution: ReviewResolution,
    at,
  }),
  /** The task's case was completed. */
  z.object({
    type: z.literal('TaskCaseCompleted'),
    ...task,
    result: CaseResult,
    at,
  }),
  /** The results of a successful task, or of a refresh of one, can be read. `status` is that of the order. */
  z.object({
    type: z.literal('ReportCreated'),
    ...task,
    reportId: z.uuid(),
    status: OrderStatus,
    at,
  }),
] as const;

const refreshes = [
  z.object({
    type: z.literal('RefreshRequested'),
    refreshId: z.uuid(),
    taskIds: z.array(z.uuid()),
    requestedBy: Actor,
    at,
  }),
  /** The refresh of one task failed. */
  z.object({
    type: z.literal('TaskRefreshFailed'),
    ...task,
    refreshId: z.uuid(),
    /** A code. */
    failure: z.string(),
    at,
  }),
  /** The refresh of one task ended, with success or without. */
  z.object({ type: z.literal('TaskRefreshEnded'), refreshId: z.uuid(), taskId: z.uuid(), at }),
  z.object({
    type: z.literal('RefreshFinished'),
    refreshId: z.uuid(),
    status: z.enum(['completed', 'failed']),
    at,
  }),
] as const;

/**
 * What the order aggregate appends to its event store. No personal data: that is only in the tables with `private` in their name.
 * Not to be confused with the events for subscribers, which `outbox/` derives from these.
 */
export const OrderDomainEvent = z.discriminatedUnion('type', [
  ...order,
  ...verifications,
  ...tasks,
  ...refreshes,
  /** A command for the service of cases, which is published on its topic. */
  z.object({
    type: z.literal('CaseCommandIssued'),
    command: z.enum(['CancelCase', 'RefreshCase', 'DeleteCase']),
    commandId: z.uuid(),
    caseId: z.uuid(),
    requestedBy: Actor,
    at,
  }),
]);
export type OrderDomainEvent = z.infer<typeof OrderDomainEvent>;
export type DomainEventOf<T extends OrderDomainEvent['type']> = Extract<
  OrderDomainEvent,
  { type: T }
>;
